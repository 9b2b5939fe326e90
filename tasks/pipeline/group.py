"""A group: the actions that one task run executes, named by their devices."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Generic, TypeVar

from prefect.runtime import task_run

LARGE = 100

T = TypeVar("T")


class Group(Generic[T]):
    """Actions of one kind, the names of their devices, and since when they are to be executed.

    It never changes: when Prefect retries its task, the ledger knows what is left to do. Not a
    dataclass on purpose: Prefect walks through those, however large, when a task gets one.
    """

    def __init__(self, actions: Sequence[T], names: Sequence[str], since: datetime) -> None:
        self.actions, self.names, self.since = tuple(actions), tuple(names), since

    def __str__(self) -> str:
        if len(self.names) == 1:
            return self.names[0]
        return f"{len(self.names)} devices: {self.names[0]} … {self.names[-1]}"


def is_retry() -> bool:
    """Whether Prefect runs this task again; the ledger knows what the first try did."""
    return int(task_run.run_count) > 1


def grouped(
    named: Iterable[tuple[str, T]], since: datetime, at_most: int, size: int = 0
) -> list[Group[T]]:
    """`named` actions, each alone in a site of up to `at_most` devices, else in large groups.

    `size` is that of the site. Each task run costs, and nobody reads hundreds of them: above the
    limit they become few.
    """
    all_ = list(named)
    if not all_:
        return []
    is_small = max(size, len(all_)) <= at_most
    count = len(all_) if is_small else -(-len(all_) // max(LARGE, -(-len(all_) // at_most)))
    bounds = [len(all_) * i // count for i in range(count + 1)]
    chunks = (all_[start:end] for start, end in pairwise(bounds))
    return [Group([item for _, item in c], [name for name, _ in c], since) for c in chunks]
