"""How laws are tested: one way to search for examples, and no law about cases that never occur.

With CI in the environment each law is tried on all its examples, and on the same ones each time,
for a change is judged by them. Wherever else it runs, it is tried on a third of them, new ones
each time.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

T = TypeVar("T")

IN_CI = "CI" in os.environ
FEWEST = 5  # the first example is the simplest there is, and proves little


def share_of(examples: int) -> int:
    """How many of a law's `examples` are tried: all in CI, or else a third of many."""
    return examples if IN_CI else max(-(-examples // 3), min(examples, FEWEST))


# A busy machine breaks no law, so no example has a deadline and none is drawn too slowly.
settings.register_profile(
    "muster",
    deadline=None,
    derandomize=IN_CI,
    max_examples=share_of(60),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("muster")

# For laws whose cases are rare among their examples.
ALL_EXAMPLES = settings(max_examples=60)

# For laws whose examples all use one ledger or one system, which tells them apart.
SAME_FIXTURES = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def one_in(every: int, cases: Iterable[T]) -> list[Any]:
    """`cases` to parametrize with: the first fast and one in `every` after it, the rest heavy."""
    return [
        pytest.param(case, marks=pytest.mark.heavy if number % every else ())
        for number, case in enumerate(cases)
    ]


Tally = Counter[str]  # how many cases each law met
_running: list[Tally] = [Counter()]  # that of the test that runs is the last


def met(cases: Iterable[T]) -> list[T]:
    """`cases`, counted: `for act in met(approvals)` fails when no example of the law has any."""
    found = list(cases)
    _running[-1][sys._getframe(1).f_code.co_name] += len(found)
    return found


@contextmanager
def sampled() -> Iterator[None]:
    """Laws tried on so few examples that some may have no case; a heavy test has them all."""
    _running.append(Counter())
    try:
        yield
    finally:
        _running.pop()


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
