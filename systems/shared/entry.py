"""What the registry knows of one kind of system."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from fleet.system.system import System
from systems.shared.settings import SystemSettings

if TYPE_CHECKING:
    from systems.shared.block import SystemConnection  # brings Prefect

S = TypeVar("S", bound=SystemSettings)
S_contra = TypeVar("S_contra", bound=SystemSettings, contravariant=True)


class Adapter(Protocol[S_contra]):
    """The class of a `System` that is made from settings."""

    @classmethod
    def connect(cls, settings: S_contra) -> AbstractAsyncContextManager[System]:
        """The system, for as long as the context lasts."""


@dataclass(frozen=True, slots=True)
class SystemEntry(Generic[S]):
    """One kind of system: what everybody outside its folder needs of it.

    `name` is what people read, such as "LEM"; `connection` is the name of the connection that the
    environment describes, such as "lem". `block` says where the block type is, such as
    "systems.lem.block:LemConnection": it brings Prefect, and so is imported only when asked for.
    """

    name: str
    connection: str
    settings: type[S]
    adapter: type[Adapter[S]]
    block: str

    @property
    def prefix(self) -> str:
        """What the names of its environment variables begin with, such as "LEM_"."""
        return str(self.settings.model_config["env_prefix"])

    def connected(self) -> AbstractAsyncContextManager[System]:
        """The system that the environment and `.env` describe, for as long as the context lasts."""
        return self.adapter.connect(self.settings())

    def block_type(self) -> type[SystemConnection]:
        """The block type of its connections."""
        kind: type[SystemConnection] = resolve_name(self.block)
        return kind
