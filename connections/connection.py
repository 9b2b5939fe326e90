"""A connection: a named way to one system, not yet used."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from fleet.system.system import System
from fleet.text.expected import ExpectedError


@dataclass(frozen=True, slots=True)
class Connection:
    """`origin` says where it was found, `opened` begins to use it and raises what is wrong with it.

    `is_set_up` is false for one of the environment's to which nobody gave an address, so that it
    leads to the simulator.
    """

    name: str
    system: str
    origin: str
    opened: Callable[[], AbstractAsyncContextManager[System]] = field(repr=False)
    is_set_up: bool = True


class UnknownConnection(ExpectedError):
    """No connection of that name can be used; the message says why, and what to do."""
