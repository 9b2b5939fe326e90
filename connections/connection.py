"""A connection: a named way to one system, not yet used."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from fleet.system.system import System
from fleet.text.expected import ExpectedError


@dataclass(frozen=True, slots=True)
class Connection:
    """`origin` is *block* or *environment*; `opened` opens it, and raises what is wrong with it.

    `is_set_up` is false for a connection of the environment whose address is not set: it leads to
    the simulator.
    """

    name: str
    system: str
    origin: str
    opened: Callable[[], AbstractAsyncContextManager[System]] = field(repr=False)
    is_set_up: bool = True


class UnknownConnection(ExpectedError):
    """No connection of that name can be used; the message says why and what to do."""
