"""A file in a bucket or on a file server that a form names: only where the operator says.

Credentials are those of the worker's environment, as the driver of each storage finds them there,
or of a Prefect block; never of the address, which Prefect stores and shows.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import fsspec

from tasks.text.given_file import read_file
from tasks.text.sources import SourceSettings
from tasks.text.storage_block import block_place
from tasks.text.storage_url import DRIVERS, NotStorage, StorageUrl
from tasks.text.text_kind import NoText, TextKind

_CHUNK = 2**20
_HINTS = {"sftp": " The server's key must be in ~/.ssh/known_hosts of the worker's user."}


async def read_storage(source: str, kind: TextKind, seconds: float) -> bytes:
    """What the address or block leads to, at most one byte beyond the limit; NoText for none."""
    try:
        async with asyncio.timeout(seconds):
            return await _read(source, kind)
    except TimeoutError:
        raise NoText(f"The storage did not give it within {seconds:g} s. Try again.") from None


async def _read(source: str, kind: TextKind) -> bytes:
    credentials: Mapping[str, str] = {}
    if source.startswith("block:"):
        found = await block_place(source)
        if isinstance(found, str):
            return read_file(found, kind)
        place, credentials = found
    else:
        place = _parsed(source)
    _refuse_elsewhere(place, kind)
    outcome = await _apart(partial(_content, place, credentials, kind.limit))
    if isinstance(outcome, NoText):
        raise outcome
    return outcome


def _parsed(source: str) -> StorageUrl:
    try:
        return StorageUrl.parse(source)
    except NotStorage as error:
        raise NoText(f"The address is not read: {error}.") from None


def _refuse_elsewhere(place: StorageUrl, kind: TextKind) -> None:
    """Raise NoText for a place that is not allowed, before anybody is asked."""
    allowed = SourceSettings().roster_buckets
    if not any(each.holds(place) for each in allowed):
        named = ", ".join(map(str, allowed)) or "none"
        raise NoText(
            f"{place} is not read: MUSTER_ROSTER_BUCKETS names {named}. Have its place added "
            f"there, put the file into a folder of {kind.settings}, or paste the {kind.format} "
            "text."
        )


def _content(place: StorageUrl, credentials: Mapping[str, str], limit: int) -> bytes | NoText:
    """The beginning of a file, or why there is none: of an error of a driver, its kind alone."""
    try:
        with _storage(place, credentials).open(place.path, "rb", block_size=_CHUNK) as file:
            content = bytearray()
            while len(content) <= limit and (more := file.read(_CHUNK)):
                content += more
            return bytes(content)
    except ImportError:
        driver = DRIVERS[place.scheme]
        return NoText(
            f"{place} is not read: {place.scheme}:// needs the package {driver}. Install it where "
            f"the worker runs: .venv/bin/pip install {driver}"
        )
    except FileNotFoundError:
        return NoText(f"There is no file {place}.")
    except Exception as error:  # noqa: BLE001  (drivers have errors of their own, with secrets)
        return NoText(
            f"{place} cannot be read: {type(error).__name__}.{_HINTS.get(place.scheme, '')}"
        )


def _storage(place: StorageUrl, credentials: Mapping[str, str]) -> Any:
    """The file system, connected anew: credentials may have changed."""
    options: dict[str, Any] = {**credentials, "skip_instance_cache": True}
    if place.scheme != "sftp":
        return fsspec.get_filesystem_class(place.scheme)(**options)
    from tasks.text.sftp import KnownHosts  # needs a package that may not be there

    host, _, port = place.host.partition(":")
    return KnownHosts(host, port=int(port or 22), **options)


async def _apart(work: Callable[[], bytes | NoText]) -> bytes | NoText:
    """What `work` returns, from a thread for which nobody waits once time is up."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes | NoText] = loop.create_future()

    def answer(outcome: bytes | NoText) -> None:
        if not done.done():
            done.set_result(outcome)

    def run() -> None:
        outcome = work()
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(answer, outcome)

    threading.Thread(target=run, name="storage", daemon=True).start()
    return await done
