"""Recheck: right before requests are approved, they are listed once more.

Between an observation and an approval lie seconds, and minutes where a quota is short: time enough
for a request to become another machine's. So what is approved was listed a moment ago, and fits
as it was then. Whoever has to wait longer for a turn, or for the end of a 429, sends nothing. Only
where a quota never lets both calls through at once may one window of it lie between them.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from time import monotonic

from fleet.action.action import Approve
from fleet.device.request import Request
from fleet.planning.assess import assess
from fleet.status.admission_model import model_of
from fleet.system.profile import SystemProfile
from fleet.system.system import Approving
from systems.shared.errors import ApiError
from tasks.pipeline.attempt import NotSent, check_held
from tasks.runtime.connection_run import ConnectionRun

FRESH = 2.0  # seconds in which requests are approved, once they were listed and judged
_CLOCK_ERROR = 1.01  # by which a window may seem longer


class Changed(NotSent):
    """A request is not what was to be approved any more; the next observation judges it anew."""

    may_pass = False


class Recheck:
    """The requests of one plan as they were listed a moment ago; approvals share each list call.

    They are approved within `fresh` seconds of `clock`, and what the quota alone makes them wait.
    """

    def __init__(
        self, run: ConnectionRun, fresh: float = FRESH, clock: Callable[[], float] = monotonic
    ) -> None:
        self._run, self._fresh, self._clock = run, fresh + _least_wait(run.system.profile), clock
        self._listing = asyncio.Lock()
        self._listed_at = float("-inf")
        self._approvable: Mapping[str, Request] = {}

    async def check(self, action: Approve) -> Callable[[], None]:
        """Raise Changed unless the request is still to be approved, as it is now.

        Raises NotSent when it cannot be listed. So does what is returned, once that was too long
        ago or our claim has lapsed: it is to be called right before the approval is sent.
        """
        if not model_of(self._run.system.profile).asks_again:
            return lambda: None
        async with self._listing:
            if self._is_over(self._listed_at):
                await self._list()
            listed_at = self._listed_at
        now = self._approvable.get(action.request.key)
        if now is None or _said(now) != _said(action.request):
            raise Changed(
                f"request {action.request.id}",
                "it is not as it was when its approval was decided, so it was not approved",
            )
        return partial(self._check_time, listed_at)

    def _check_time(self, listed_at: float) -> None:
        if self._is_over(listed_at):
            raise NotSent("recheck", "it was too long ago, so nothing was approved")
        check_held(self._run)

    def _is_over(self, listed_at: float) -> bool:
        """Whether what was listed then is no longer approved."""
        return self._clock() - listed_at >= self._fresh

    async def _list(self) -> None:
        """List the requests, and note which would be approved; in one turn with an approval."""
        run = self._run
        if not isinstance(run.system, Approving):
            raise TypeError(f"{run.system.profile.system} cannot list its requests once more")
        await run.system.turn(run.system.profile.recheck_calls + run.system.profile.admit_calls)
        try:
            requests = await run.system.requests()
        except ApiError as error:
            raise NotSent("recheck", f"{error.problem}, so nothing was approved") from error
        observed = replace(run.observed, requests=requests)
        found = assess(run.desired, observed, run.memory, run.limits, run.now())
        approvals = [s.action for s in found.statuses if isinstance(s.action, Approve)]
        self._approvable = {each.request.key: each.request for each in approvals}
        # Not from its beginning: where lists take long, each approval would need one of its own.
        self._listed_at = self._clock()


def _least_wait(profile: SystemProfile) -> float:
    """Seconds that lie between listing and approving even if nobody else calls; 0 as a rule."""
    if profile.quota is None:
        return 0.0
    windows = (profile.recheck_calls + profile.admit_calls - 1) // profile.quota.calls
    return windows * profile.quota.window.total_seconds() * _CLOCK_ERROR


def _said(request: Request) -> tuple[object, ...]:
    """What a request says of itself, as far as anything is decided by it."""
    return request.identity, request.hostname, request.hardware, request.version, request.progress
