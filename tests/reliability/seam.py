"""The boundaries of one process: before and after each of its HTTP exchanges and ledger commits.

Nothing of the product is patched: the exchanges are seen by the HTTP transport that its clients are
given, and the commits by SQLAlchemy's own events.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

import httpx
from sqlalchemy import Engine, event
from sqlmodel import Session


class Side(StrEnum):
    """On which side of what a boundary lies."""

    BEFORE_CALL = "before call"
    AFTER_CALL = "after call"
    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit"


class Crash(BaseException):
    """The process is gone: no error that anybody may catch."""


class Seam:
    """The boundaries that a process has crossed, and what happens `at` one of them (from 1).

    By default it crashes there: whatever still runs then reaches no other boundary, as nothing of
    a process does that was killed. What was sent before is served all the same. A process that
    `sleeps` instead does so outside of transactions, for which everybody else would wait.
    """

    def __init__(self, at: int = 0, sleeps: Callable[[], None] | None = None) -> None:
        self._at, self._sleeps = at, sleeps
        self.crossed: list[tuple[Side, str]] = []
        self.is_dead = False

    @property
    def last(self) -> str:
        """The boundary that was crossed last, in words."""
        return " ".join(self.crossed[-1]) if self.crossed else "nothing"

    def cross(self, side: Side, what: str = "") -> None:
        """Come to the next boundary."""
        if self.is_dead:
            raise Crash(what)
        self.crossed.append((side, what))
        if not 0 < self._at <= len(self.crossed):
            return
        if self._sleeps is None:
            self.is_dead = True
            raise Crash(self.last)
        if side is not Side.BEFORE_COMMIT:
            self._at = 0
            self._sleeps()


class Seamed(httpx.AsyncBaseTransport):
    """A transport whose exchanges are boundaries of a process."""

    def __init__(self, seam: Seam, inner: httpx.AsyncBaseTransport) -> None:
        self._seam, self._inner = seam, inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, unless the process is gone by then, and return what is answered."""
        call = f"{request.method} {request.url.path}"
        self._seam.cross(Side.BEFORE_CALL, call)
        response = await self._inner.handle_async_request(request)
        self._seam.cross(Side.AFTER_CALL, call)
        return response


_here: ContextVar[Seam | None] = ContextVar("_here", default=None)


@contextmanager
def within(seam: Seam) -> Iterator[None]:
    """Whatever this context commits to a ledger is a boundary of `seam`."""
    token = _here.set(seam)
    event.listen(Engine, "commit", _before)
    event.listen(Session, "after_commit", _after)
    try:
        yield
    finally:
        event.remove(Engine, "commit", _before)
        event.remove(Session, "after_commit", _after)
        _here.reset(token)


def _before(_connection: Any) -> None:
    if seam := _here.get():
        seam.cross(Side.BEFORE_COMMIT)


def _after(_session: Any) -> None:
    if seam := _here.get():
        seam.cross(Side.AFTER_COMMIT)
