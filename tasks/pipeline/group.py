"""A group: the acts that one task run performs, named by their devices as a person would."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

LARGE = 100

T = TypeVar("T")


class Group(Generic[T]):
    """Acts of one kind that are still to be tried, and the names of their devices.

    When Prefect retries the task, only what is left of `acts` is tried again. Not a dataclass on
    purpose: Prefect walks through those, however large, when they are handed to a task.
    """

    def __init__(self, acts: Sequence[T], names: Sequence[str]) -> None:
        self.acts = list(acts)
        self.names = tuple(names)

    def __str__(self) -> str:
        if len(self.names) == 1:
            return self.names[0]
        return f"{len(self.names)} devices: {self.names[0]} … {self.names[-1]}"


def grouped(named: Iterable[tuple[str, T]], at_most: int, size: int = 0) -> list[Group[T]]:
    """`named` acts, each on its own in a site of up to `at_most` devices, else in large groups.

    `size` is that of the site. Nobody reads hundreds of task runs, and each costs: so once there
    would be too many, they become few.
    """
    acts = list(named)
    if not acts:
        return []
    is_small = max(size, len(acts)) <= at_most
    count = len(acts) if is_small else -(-len(acts) // max(LARGE, -(-len(acts) // at_most)))
    bounds = [len(acts) * i // count for i in range(count + 1)]
    chunks = (acts[start:end] for start, end in pairwise(bounds))
    return [Group([act for _, act in chunk], [name for name, _ in chunk]) for chunk in chunks]
