"""Connections as Prefect stores them: found by their names, and read only when they are opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from pydantic import ValidationError

from connections.blocks import block_types
from connections.connection import Connection, UnknownConnection
from fleet.system.system import System
from fleet.text.settings import Faults, UnusableSettings
from systems.shared.block import SystemConnection

PAGE = 200  # the most that Prefect's API gives at once
_AWAY = (httpx.HTTPError, RuntimeError, ValueError)  # the last two: no API is set, or no JSON came


async def stored(name: str = "") -> list[Connection]:
    """A connection for each block of our types, or for those of that name; reads no secret."""
    kinds = {kind.get_block_type_slug(): kind for kind in block_types()}
    asked: dict[str, Any] = {"block_types": {"slug": {"any_": [*kinds]}}, "limit": PAGE}
    if name:
        asked["block_documents"] = {"name": {"any_": [name]}}
    try:
        message = [(each["name"], each["block_type"]["slug"]) for each in await _listed(asked)]
    except _AWAY as error:
        raise _unanswered(error) from None
    return [
        Connection(name, kinds[slug].system, "block", partial(_opened, name, kinds[slug]))
        for name, slug in message
    ]


async def _listed(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """What Prefect's API tells of all blocks that were asked for, a page at a time."""
    found: list[dict[str, Any]] = []
    async with get_client() as client:
        while True:
            page = asked | {"offset": len(found)}
            message = (await client.request("POST", "/block_documents/filter", json=page)).json()
            found += message
            if len(message) < PAGE:
                return found


@asynccontextmanager
async def _opened(name: str, kind: type[SystemConnection]) -> AsyncIterator[System]:
    """The system that a block leads to, as the block is by now."""
    async with (await _read(name, kind)).connect() as system:
        yield system


async def _read(name: str, kind: type[SystemConnection]) -> SystemConnection:
    """The block, from which settings can be made; UnknownConnection when they cannot."""
    try:
        async with get_client() as client:
            message = await client.read_block_document_by_name(name, kind.get_block_type_slug())
        block = kind.model_validate(message.data)
        block.settings()
    except ObjectNotFound:
        raise UnknownConnection(f"The block {name!r} is gone. Make it again") from None
    except ValidationError as error:  # what it holds may be a secret: its words alone are told
        faults = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        raise UnknownConnection(_fault(name, kind, faults)) from None
    except UnusableSettings as error:
        raise UnknownConnection(_fault(name, kind, error.faults)) from None
    except _AWAY as error:
        raise _unanswered(error) from None
    return block


def _fault(name: str, kind: type[SystemConnection], message: Faults) -> str:
    """What is wrong with a block, field by field, as its form calls them."""
    titles = {field: info.title for field, info in kind.model_fields.items()}
    titles |= dict.fromkeys(("ca_file", "ca_pem"), titles["ca"])
    faults = "; ".join(f"{titles.get(field, field)}: {words}" for field, words in message)
    return f"The block {name!r} ({kind.system}) cannot be used: {faults}. Edit it in the Prefect UI"


def _unanswered(error: Exception) -> UnknownConnection:
    return UnknownConnection(
        f"Prefect's API does not tell which connections there are ({type(error).__name__}). Check "
        "PREFECT_API_URL, and whether the Prefect server is up"
    )
