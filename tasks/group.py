"""A group: the acts that one task run performs, named by their devices as a person would."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

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


def grouped(named: Iterable[tuple[str, T]], at_most: int) -> list[Group[T]]:
    """`named` acts in groups as even as possible, no more than `at_most` of them."""
    acts = list(named)
    size = -(-len(acts) // at_most) or 1
    chunks = (acts[i : i + size] for i in range(0, len(acts), size))
    return [Group([act for _, act in chunk], [name for name, _ in chunk]) for chunk in chunks]
