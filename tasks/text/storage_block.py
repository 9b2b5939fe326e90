"""A Prefect block that a form names: `block:remote-file-system/NAME/path`.

It gives a place and credentials, and nothing else. Whoever may edit blocks could otherwise have the
worker call any address, or send it a file: endpoints and files with keys come from the worker's
environment alone.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tasks.text.storage_url import DRIVERS, NotStorage, StorageUrl
from tasks.text.text_kind import NoText

_BLOCK = re.compile(r"block:(remote|local)-file-system/([a-z0-9-]+)/(.+)")
_SETTINGS = {
    "s3": {"key": ".+", "secret": ".+", "token": ".+"},
    "az": {
        "account_name": "[a-z0-9]{3,24}",  # it becomes part of a host's name
        "account_key": ".+",
        "sas_token": ".+",
        "tenant_id": "[A-Za-z0-9.-]+",
        "client_id": ".+",
        "client_secret": ".+",
    },
    "sftp": {"username": ".+", "password": ".+"},
}


async def block_place(source: str) -> tuple[StorageUrl, Mapping[str, str]] | str:
    """Where a block leads, with its credentials; or the path to which a local one does."""
    found = _BLOCK.fullmatch(source)
    if not found:
        raise NoText(
            "A block is given as block:remote-file-system/NAME/path or "
            "block:local-file-system/NAME/path."
        )
    kind, name, path = found.groups()
    base, settings = await _loaded(kind, name)
    if kind == "local":
        return _path(base, path)
    try:
        place = StorageUrl.parse(f"{base.rstrip('/')}/{path}")
    except NotStorage as error:
        raise NoText(f"Where the block {name!r} leads is not read: {error}.") from None
    return place, credentials_in(name, place, settings)


def _path(base: str, path: str) -> str:
    return str(Path(base or ".").expanduser() / path)


async def _loaded(kind: str, name: str) -> tuple[str, Mapping[str, object]]:
    """The base path and the settings of a block."""
    from prefect.filesystems import LocalFileSystem, RemoteFileSystem  # slow, and seldom needed

    try:
        if kind == "local":
            local: Any = await LocalFileSystem.aload(name)
            return local.basepath or "", {}
        remote: Any = await RemoteFileSystem.aload(name)
    except Exception as error:  # noqa: BLE001  (no such block, no server, a broken block)
        raise NoText(
            f"The block {name!r} ({kind}-file-system) cannot be loaded: {type(error).__name__}. "
            "Check its name."
        ) from None
    return remote.basepath, remote.settings


def credentials_in(
    name: str, place: StorageUrl, settings: Mapping[str, object]
) -> Mapping[str, str]:
    """The settings of a block, which are credentials; NoText for any other."""
    known = _SETTINGS.get(place.scheme, {})
    credentials = {key: str(value) for key, value in settings.items() if isinstance(value, str)}
    for key in settings:
        if not re.fullmatch(known.get(key, r"\Zx"), credentials.get(key, ""), re.DOTALL):
            takes = ", ".join(known) or "none"
            raise NoText(
                f"The block {name!r} is not used: its setting {key!r} is none of those that are "
                f"taken from a block for {place.scheme}:// ({takes}). Set it in the worker's "
                f"environment, for {DRIVERS[place.scheme] or 'fsspec'}."
            )
    return credentials
