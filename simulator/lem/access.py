"""Who may call LEM: tokens, and the projects they reach."""

import base64
import binascii
from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, Request

from simulator.lem.lem import Lem
from simulator.lem.settings import LemSettings
from simulator.replies import Refused


async def here(request: Request) -> Lem:
    """The LEM that was called."""
    lem: Lem = request.app.state.lem
    return lem


Here = Annotated[Lem, Depends(here)]


class Caller:
    """A caller with a valid token."""

    def __init__(self, settings: LemSettings, token: str) -> None:
        self._settings, self._token = settings, token
        self.user = settings.token_user

    def enter(self, project: str) -> None:
        """Refuse a project that does not exist or that this token does not reach."""
        if project not in self._settings.projects:
            raise Refused(404, "no such project")
        if _same(self._token, self._settings.out_of_scope_token):
            raise Refused(403, "the token has no scope for the project")


async def caller(request: Request, lem: Here) -> Caller:
    """The caller, by its token."""
    shown = request.headers.get("X-AuthToken")
    if shown is None and lem.settings.accept_basic:
        shown = _basic_user(request.headers.get("Authorization", ""))
    known = (lem.settings.token, lem.settings.out_of_scope_token)
    if shown is None or not any(_same(shown, token) for token in known):
        raise Refused(401, "no valid X-AuthToken")
    return Caller(lem.settings, shown)


def _same(shown: str, token: str) -> bool:
    return compare_digest(shown.encode(), token.encode())


def _basic_user(header: str) -> str | None:
    scheme, _, encoded = header.partition(" ")
    try:
        user, colon, _ = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user if colon and scheme.lower() == "basic" else None
