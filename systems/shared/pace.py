"""Pace: calls wait their turn, so that all who share a system's quota keep to it together."""

import asyncio
import logging
import os
import random
import re
import tempfile
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from types import MappingProxyType, TracebackType
from typing import Self
from uuid import uuid4

import httpx
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from fleet.system.quota import Quota, Usage
from fleet.text.settings import Settings
from systems.shared.budget import Budget
from systems.shared.settings import SystemSettings

_WAIT_LIMIT = timedelta(minutes=15)
_WARNING_GAP = 60.0
_LONG_WAIT = 2.0  # seconds; of shorter waits the log says nothing
_UNKNOWN = Quota(60, timedelta(seconds=60))  # what an unknown quota is taken to be
_GROWTH = 1.5

_log = logging.getLogger(__name__)


def _state_folder() -> Path:
    """Where this user's programs keep their state on this machine, or else its temporary files."""
    with suppress(RuntimeError):  # whoever runs this may have no home
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        there = next(folder for folder in (state, *state.parents) if folder.exists())
        if there.is_dir() and os.access(there, os.W_OK):
            return state / "muster" / "pace"
    return Path(tempfile.gettempdir()) / f"muster-pace-{os.getuid()}"


class PaceSettings(Settings):
    """Where this machine keeps count of calls, from MUSTER_PACE_…; see `Pace` for `wait_limit`."""

    model_config = SettingsConfigDict(env_prefix="MUSTER_PACE_", env_file=".env", extra="ignore")

    folder: Path = Field(default_factory=_state_folder)
    wait_limit: timedelta = Field(default=_WAIT_LIMIT, ge=timedelta())


class Pace:
    """The turns of one client's calls. Whoever has the same address and credential shares them.

    A 429 is no failure: whoever shares the quota waits, and the call is made again. Only when it
    met nothing else, and its pauses together would be longer than `wait_limit`, is 429 its answer.

    For reports: `calls` is how many were sent, `refused` how many of them met a 429, and `waited`
    how long all of them waited together.
    """

    def __init__(
        self,
        budget: Budget | None = None,
        wait_limit: timedelta = _WAIT_LIMIT,
        system: str = "the system",
    ) -> None:
        self._budget, self._wait_limit, self._system = budget, wait_limit, system
        self._queue = asyncio.Lock()
        self._owner, self._waiting = uuid4().hex, 0
        self._paused_until = 0.0
        self._silent_until: dict[str, float] = {}
        self.calls = self.refused = 0
        self.waited = timedelta()

    @classmethod
    def of(cls, settings: SystemSettings, credential: SecretStr) -> Self:
        """The pace of whoever calls the address in `settings` with `credential`."""
        own, url = PaceSettings.current(), settings.url
        both = f"{str(url).rstrip('/')}\n{credential.get_secret_value()}"
        whose = sha256(both.encode()).hexdigest()[:32]
        file = own.folder / f"{whose}.db"
        budget = Budget(settings.quota, file) if settings.quota else None
        return cls(budget, own.wait_limit, f"{url.host}:{url.port}")

    def without_quota(self) -> Self:
        """A pace of the same client for calls that the system does not count."""
        return type(self)(wait_limit=self._wait_limit, system=self._system)

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close what was opened."""
        if self._budget:
            await asyncio.to_thread(self._budget.close)

    async def reserve(self, calls: int = 1) -> None:
        """Wait until so many calls may be sent; the next ones of this task then need not wait.

        A turn that is not used within a window is lost, and more than the quota lets through in one
        are not reserved: those calls wait again.
        """
        if self._budget is None:
            await self._turn()
            return
        turns = [await self._next_turn() for _ in range(min(calls, self._budget.quota.calls))]
        _reserved.set(MappingProxyType({**_reserved.get(), self: deque(turns)}))

    async def usage(self) -> Usage:
        """How much of the quota is used at present, by us and by others on this machine."""
        return await asyncio.to_thread(self._budget.usage, self._owner) if self._budget else Usage()

    async def sent(self, attempt: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """The answer to `attempt`, which is made when it may be, and again as long as it meets 429.

        Whatever the attempt raises is raised.
        """
        wait_limit, refusals = self._wait_limit.total_seconds(), 0
        while True:
            response = await self._attempted(attempt)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return response
            _check.get().is_due = True
            refusals += 1
            pause = self._pause(response, refusals)
            wait_limit -= pause
            if wait_limit < 0:
                return response
            self._warn_of_refusal(pause)
            await self._hold(pause)

    async def _attempted(self, attempt: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        turn = await self._next_turn()
        check = _check.get()
        check()
        self.calls += 1
        try:
            response = await attempt()
        finally:
            check.is_due = False
            if self._budget:
                await asyncio.to_thread(self._budget.answered, turn)
        self.refused += response.status_code == httpx.codes.TOO_MANY_REQUESTS
        return response

    async def _next_turn(self) -> str:
        """A turn that was reserved, if it is still good, or else a new one."""
        reserved = _reserved.get().get(self)
        while reserved and self._budget:
            turn = reserved.popleft()
            if await asyncio.to_thread(self._budget.renew, turn):
                return turn
        return await self._turn()

    async def _turn(self) -> str:
        began, turn = monotonic(), f"{self._owner} {uuid4().hex}"
        self._waiting += 1
        try:
            async with self._queue:  # whoever comes first is served first
                wait = await self._wait(turn)
                while wait:
                    self._log_wait(wait)
                    await asyncio.sleep(wait)
                    wait = await self._wait(turn)
        finally:
            self._waiting -= 1
        self.waited += timedelta(seconds=monotonic() - began)
        return turn

    async def _wait(self, turn: str) -> float:
        """How long to wait before asking again; 0 when the turn has come."""
        paused = self._paused_until - monotonic()
        if paused > 0 or self._budget is None:
            return max(paused, 0.0)
        return await asyncio.to_thread(self._budget.take, turn)

    def _pause(self, response: httpx.Response, refusals: int) -> float:
        """What the system asks for, or else the time in which a place gets free, and ever more."""
        if asked := retry_after(response.headers):
            return asked.total_seconds()
        quota = self._budget.quota if self._budget else _UNKNOWN
        shortest, longest = quota.interval.total_seconds(), quota.window.total_seconds()
        grown = min(longest, shortest * _GROWTH ** min(refusals - 1, 30))
        return grown * random.uniform(1, 1.25)  # noqa: S311  (no secret: it sets callers apart)

    async def _hold(self, pause: float) -> None:
        """Make everybody wait who shares the quota, and whoever calls by this pace in any case."""
        self._paused_until = max(self._paused_until, monotonic() + pause)
        if self._budget:
            await asyncio.to_thread(self._budget.hold, pause)

    def _log_wait(self, wait: float) -> None:
        if wait < _LONG_WAIT or not self._may_log("wait"):
            return
        quota = self._budget.quota if self._budget else "fewer calls"
        message = "%s allows %s. The next one is in %.0f s; %s for it"
        calls = "1 call waits" if self._waiting == 1 else f"{self._waiting} calls wait"
        _log.info(message, self._system, quota, wait, calls)

    def _may_log(self, subject: str) -> bool:
        """Whether the log has not heard of that for a while."""
        now = monotonic()
        if now < self._silent_until.get(subject, 0.0):
            return False
        self._silent_until[subject] = now + _WARNING_GAP
        return True

    def _warn_of_refusal(self, pause: float) -> None:
        if not self._may_log("refusal"):
            return
        message = (
            "%s refused a call over its quota (429). Muster calls again in %.1f s. "
            "Others may use its %s"
        )
        _log.warning(message, self._system, pause, self._budget.quota if self._budget else "quota")


_reserved: ContextVar[Mapping[Pace, deque[str]]] = ContextVar(
    "_reserved", default=MappingProxyType({})
)


class _Check:
    """What is checked before a call; it is due until one was sent that met no 429."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check, self.is_due = check, True

    def __call__(self) -> None:
        """Check, if it is due. What an operation sends after its first call is sent in any case."""
        if self.is_due:
            self._check()


_NOTHING = _Check(lambda: None)
_check: ContextVar[_Check] = ContextVar("_check", default=_NOTHING)


@contextmanager
def checked(check: Callable[[], None]) -> Iterator[None]:
    """The first call in this context runs `check` once its turn has come, also after each 429.

    It runs it again once there is a connection, right before the first byte is written to that: the
    machine may have slept meanwhile. What it raises is raised, and nothing is sent.
    """
    token = _check.set(_Check(check))
    try:
        yield
    finally:
        _check.reset(token)


def last_check() -> dict[str, Callable[[str, object], Awaitable[None]]]:
    """The extensions of a request that make httpx run this context's check at the last moment."""
    check = _check.get()

    async def trace(event: str, _info: object) -> None:
        if event.endswith("send_request_headers.started"):
            check()

    return {"trace": trace}


def retry_after(headers: httpx.Headers) -> timedelta | None:
    """How long the server asks to wait, counted by its own clock; None when it does not say."""
    wait = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,9}", wait):
        return timedelta(seconds=int(wait))
    try:
        until, now = parsedate_to_datetime(wait), parsedate_to_datetime(headers.get("date", ""))
        return max(until - now, timedelta())
    except (ValueError, TypeError, OverflowError):  # no date, or one of the two has no zone
        return None
