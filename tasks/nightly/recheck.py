"""Recheck: right after a night approved requests, they are listed once more.

Onboarding observes again anyway. A night would only see tomorrow that a request became another
machine's while it was being approved.
"""

from dataclasses import replace

from prefect.logging import get_run_logger

from fleet.nightly.finding import Finding
from fleet.nightly.inspection import inspect
from fleet.state.device_state import State
from fleet.system.system import Approving
from systems.shared.errors import ApiError
from tasks.nightly.inspection import inspected
from tasks.nightly.night import Night, Place
from tasks.pipeline.plan import plan
from tasks.runtime.connection_run import utc_now


async def changed_meanwhile(night: Night, place: Place) -> list[Finding]:
    """Who is another machine now, of those that were approved there; their statuses say so too."""
    run = place.run
    if not isinstance(run.system, Approving):
        return []
    try:
        await run.system.turn(run.system.profile.recheck_calls)
        requests = await run.system.requests()
    except ApiError as error:
        get_run_logger().warning(
            "%s. So the next run checks that what was approved is what asked.", error.problem
        )
        return []
    before = place.plan.assessment
    known = {s.device.name for s in before.statuses if s.state is State.IDENTITY_MISMATCH}
    found = plan(run, replace(place.plan.observed, requests=requests))
    now_other = {
        s.device.name: s
        for s in found.assessment.statuses
        if s.state is State.IDENTITY_MISMATCH and s.device.name not in known
    }
    statuses = tuple(now_other.get(s.device.name, s) for s in before.statuses)
    place.plan.assessment = replace(before, statuses=statuses)
    seen = inspected(run, found, place.records, night.first_seen)
    seen = replace(seen, statuses=tuple(now_other.values()), holds=())
    before_it = {finding.key for finding in night.findings}
    found_now = inspect(seen, night.rules, utc_now()) if now_other else []
    return [each for each in found_now if each.key not in before_it]
