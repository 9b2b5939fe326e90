"""How laws are tested: one way to search for examples, and no law about cases that never occur."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")

# A busy machine breaks no law, so no example has a deadline and none is drawn too slowly.
# A change is judged by the same examples each time; wherever else it runs, by new ones.
settings.register_profile(
    "muster",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("muster")

# For laws whose examples all use one ledger or one system, which tells them apart.
SAME_FIXTURES = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


Tally = Counter[str]  # how many cases each law met
_running: list[Tally] = [Counter()]  # that of the test that runs is the last


def met(cases: Iterable[T]) -> list[T]:
    """`cases`, counted: `for act in met(approvals)` fails when no example of the law has any."""
    found = list(cases)
    _running[-1][sys._getframe(1).f_code.co_name] += len(found)
    return found


@contextmanager
def all_met() -> Iterator[None]:
    """Fails a test of laws that never met a case of theirs, for it has proved nothing of them."""
    tally: Tally = Counter()
    _running.append(tally)
    try:
        yield
    finally:
        _running.pop()
    never = [name for name, times in tally.items() if not times]
    assert not never, f"no example had a case of: {', '.join(never)}"
