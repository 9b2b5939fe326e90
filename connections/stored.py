"""Connections that Prefect stores as blocks: found by name, and read only when opened."""

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
_AWAY = (
    httpx.HTTPError,
    RuntimeError,
    ValueError,
)  # the last two: no API is set, or the answer is no JSON


async def stored(name: str = "") -> list[Connection]:
    """A connection for each block of our types, by default of any name; reads no secret."""
    kinds = {kind.get_block_type_slug(): kind for kind in block_types()}
    asked: dict[str, Any] = {"block_types": {"slug": {"any_": [*kinds]}}, "limit": PAGE}
    if name:
        asked["block_documents"] = {"name": {"any_": [name]}}
    try:
        found = [(each["name"], each["block_type"]["slug"]) for each in await _listed(asked)]
    except _AWAY as error:
        raise _unanswered(error) from None
    return [
        Connection(name, kinds[slug].system, "block", partial(_opened, name, kinds[slug]))
        for name, slug in found
    ]


async def _listed(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """All blocks that match `asked`, from Prefect's API, a page at a time."""
    found: list[dict[str, Any]] = []
    async with get_client() as client:
        while True:
            page = asked | {"offset": len(found)}
            answer = (await client.request("POST", "/block_documents/filter", json=page)).json()
            found += answer
            if len(answer) < PAGE:
                return found


@asynccontextmanager
async def _opened(name: str, kind: type[SystemConnection]) -> AsyncIterator[System]:
    """The system that a block leads to, as the block is now."""
    async with (await _read(name, kind)).connect() as system:
        yield system


async def _read(name: str, kind: type[SystemConnection]) -> SystemConnection:
    """The block; UnknownConnection when no settings can be made from it."""
    try:
        async with get_client() as client:
            document = await client.read_block_document_by_name(name, kind.get_block_type_slug())
        block = kind.model_validate(document.data)
        block.settings()
    except ObjectNotFound:
        raise UnknownConnection(f"The block {name!r} no longer exists. Create it again") from None
    except ValidationError as error:  # its input may be a secret: only its words are shown
        faults = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        raise UnknownConnection(_fault(name, kind, faults)) from None
    except UnusableSettings as error:
        raise UnknownConnection(_fault(name, kind, error.faults)) from None
    except _AWAY as error:
        raise _unanswered(error) from None
    return block


def _fault(name: str, kind: type[SystemConnection], found: Faults) -> str:
    """What is wrong with a block, field by field, by the titles of its form."""
    titles = {field: info.title for field, info in kind.model_fields.items()}
    titles |= dict.fromkeys(("ca_file", "ca_pem"), titles["ca"])
    faults = "; ".join(f"{titles.get(field, field)}: {words}" for field, words in found)
    return f"The block {name!r} ({kind.system}) cannot be used: {faults}. Edit it in the Prefect UI"


def _unanswered(error: Exception) -> UnknownConnection:
    return UnknownConnection(
        f"Prefect's API did not list the connections ({type(error).__name__}). Check "
        "PREFECT_API_URL, and whether the Prefect server is running"
    )
