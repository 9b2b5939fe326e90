"""Access to a Prefect server that we start: who must show what, and from which page.

As Prefect starts it, a server asks nobody who they are and lets every web page call it: any page in
a browser on this machine could read blocks and start flows.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ledger.database.private_file import write_new

FILE = "prefect-auth"
_SERVER, _CLIENT = "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"


def access(address: str, folder: Path, outside: Mapping[str, str]) -> dict[str, str]:
    """The variables of a server at `address`, and of whatever calls it.

    Who calls must show the authentication string that `folder` stores, or the one that `outside`
    sets; a page must be the server's own, and bring its CSRF token.
    """
    auth = outside.get(_SERVER) or stored_auth(folder)
    return {
        _SERVER: auth,
        _CLIENT: auth,
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": address,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
    }


def stored_auth(folder: Path) -> str:
    """The authentication string in `folder`, made the first time; only its owner can read it."""
    file = folder / FILE
    with suppress(FileExistsError):
        write_new(file, f"muster:{secrets.token_urlsafe(18)}".encode())
    return file.read_text("utf-8").strip()
