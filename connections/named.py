"""Connections by their names: blocks of the Prefect UI, or those of the environment."""

from collections import defaultdict
from collections.abc import Callable
from typing import NoReturn

from connections.connection import Connection, UnknownConnection
from connections.stored import stored
from fleet.text.settings import UnusableSettings
from systems.registry import systems
from systems.shared.settings import SystemSettings

__all__ = ["Connection", "UnknownConnection", "find", "known"]


async def find(name: str) -> Connection:
    """The connection `name`. It costs one call of Prefect's API, and opening a block another.

    UnknownConnection when there is none or more than one, or when that API does not answer.
    """
    found = await stored(name) or [each for each in _environment() if each.name == name]
    if not found:
        names = ", ".join(f"{each.name} ({each.system})" for each in await known())
        raise UnknownConnection(f"There is no connection {name!r}. There are: {names}")
    if len(found) > 1:
        raise UnknownConnection(_dispute(found))
    return found[0]


async def known() -> list[Connection]:
    """Every connection, none of them opened: blocks, then those of the environment.

    A block replaces the environment's connection of its name. A name that two blocks have is
    listed once, and cannot be opened.
    """
    named: dict[str, list[Connection]] = defaultdict(list)
    for each in await stored():
        named[each.name].append(each)
    rest = [each for each in _environment() if each.name not in named]
    return [same[0] if len(same) == 1 else _disputed(same) for same in named.values()] + rest


def _environment() -> list[Connection]:
    """One connection to each system, from variables or .env: enough for one of each system."""
    return [
        Connection(
            each.connection, each.name, "environment", each.connected, _has_address(each.settings)
        )
        for each in systems()
    ]


def _has_address(settings: Callable[[], SystemSettings]) -> bool:
    """Whether the system's address is set, usable or not."""
    try:
        return "url" in settings().model_fields_set
    except UnusableSettings:
        return True


def _dispute(same: list[Connection]) -> str:
    systems = " and ".join(each.system for each in same)
    return (
        f"Two blocks have the name {same[0].name!r} ({systems}). Create one of them under another "
        "name, and delete the old one"
    )


def _disputed(same: list[Connection]) -> Connection:
    def refuse() -> NoReturn:
        raise UnknownConnection(_dispute(same))

    return Connection(same[0].name, ", ".join(each.system for each in same), "block", refuse)
