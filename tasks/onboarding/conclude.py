"""Concluding: the state in which a job ends, and the sentence that goes with it."""

from collections.abc import Iterable, Mapping
from typing import Any

from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.verdict import Decision
from tasks.onboarding.publish import Report
from tasks.pipeline.plan import Plan
from tasks.runtime.site_run import Job, counted, merged


def conclude(job: Job, plans: Mapping[str, Plan], report: Report) -> RunState[Any]:
    """Failed when a device ended failed; *Waiting* when some are still to come; else Completed.

    That a person decided to reject a device is no failure. A dry run is named *Dry run*, so
    that lists of runs tell it from a real one.
    """
    assessment = merged([plan.assessment for plan in plans.values()])
    message = _sentence(job, assessment, report)
    counts = assessment.counts
    failed = counts[State.FAILED] + counts[State.KEY_LOST]
    if job.order.decision is not Decision.REJECT:
        failed += counts[State.REJECTED] - _turned_away(plans.values())
    troubles = [
        *job.not_checked.values(),
        *(plan.trouble for plan in plans.values() if plan.trouble),
    ]
    if troubles:
        told = "\n".join(troubles)
        return Failed(message=f"{told}. As of the last observation: {message}")
    if job.is_dry:
        return Completed(name="Dry run", message=f"Dry run, nothing was changed: {message}")
    if failed:
        return Failed(message=message)
    if counts[State.IN_SERVICE] + counts[State.REJECTED] < len(assessment.standings):
        return Completed(name="Waiting", message=message)
    return Completed(message=message)


def _turned_away(plans: Iterable[Plan]) -> int:
    """How many devices people rejected: that is no failure."""
    return sum(
        standing.state is State.REJECTED and standing.request.key in plan.rejected
        for plan in plans
        for standing in plan.assessment.standings
        if standing.request
    )


def _sentence(job: Job, assessment: Assessment, report: Report) -> str:
    if not job.order.is_whole_site:
        standing = assessment.standings[0]
        who = f"{standing.device.name} of {job.site}"
        return f"{who}: {standing.state}, {standing.reason}. Report: {report.page}"
    faulty = len(job.order.roster.faulty_lines)
    parts = [counted(assessment) or "no device of the roster is concerned"]
    unchecked = len(job.order.roster.lines) - len(assessment.standings)
    if unchecked:
        parts.append(f"{unchecked} not checked")
    if faulty:
        parts.append(f"{faulty} faulty {'line' if faulty == 1 else 'lines'}")
    strangers = len({h.request.key for h in assessment.holds if h.device is None})
    if strangers:
        parts.append(f"{strangers} {'stranger' if strangers == 1 else 'strangers'} at the door")
    is_done = assessment.counts[State.IN_SERVICE] == len(assessment.standings)
    idle = " Nothing had to be done." if is_done and not (job.has_acted or job.is_dry) else ""
    return f"{job.site}: {', '.join(parts)}.{idle} Report: {report.page}"
