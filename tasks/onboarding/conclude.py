"""Conclude: the state in which a site run ends, and its sentence."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from tasks.onboarding.publish import Report, busy, on_two_rosters, relaxed
from tasks.pipeline.plan import Plan, warnings
from tasks.runtime.report_links import where_is
from tasks.runtime.site_run import SiteRun, counted, merged

FAILURES = (State.IDENTITY_MISMATCH, State.FAILED, State.KEY_LOST)
# What an enrollment is called of which nobody knows whether it was made, or by which code.
UNKNOWN = {ReasonCode.ENROLLMENT_UNANSWERED, ReasonCode.CODE_LOST}


def conclude(site_run: SiteRun, plans: Mapping[str, Plan], report: Report) -> RunState[Any]:
    """Failed when a device ended failed; *Waiting* when some are still to come; else Completed.

    That another machine is in service in its name is a failure, too; that a person decided to
    reject a device is none. A dry run is named *Dry run*, which
    tells it from a real run in lists.
    """
    assessment = merged([plan.assessment for plan in plans.values()])
    failing, is_all = _failing(plans.values())
    is_all &= not site_run.is_dry
    also = [
        *relaxed(site_run),
        *on_two_rosters(site_run),
        *busy(site_run),
        *_warnings(site_run, plans),
        *(f"{each}." for each in failing if not is_all),
    ]
    message = _sentence(site_run, assessment, [*also, f"Report: {where_is(report.page)}"])
    counts = assessment.counts
    failed = sum(counts[state] for state in FAILURES)
    if site_run.order.decision is not Decision.REJECT:
        failed += counts[State.REJECTED] - _rejected_by_people(plans.values())
    if found := [*troubles(site_run, plans.values()), *(failing if is_all else ())]:
        detail = "\n".join(found)
        return Failed(message=f"{detail}. As of the last observation: {message}")
    if site_run.is_dry:
        return Completed(name="Dry run", message=f"Dry run, nothing was changed: {message}")
    if failed:
        return Failed(message=message)
    if counts[State.IN_SERVICE] + counts[State.REJECTED] < len(assessment.statuses):
        return Completed(name="Waiting", message=message)
    return Completed(message=message)


def troubles(site_run: SiteRun, plans: Iterable[Plan]) -> list[str]:
    """Why a connection could not be observed, or its run ended early."""
    ended = (plan.trouble for plan in plans if plan.trouble)
    return list(dict.fromkeys([*site_run.not_checked.values(), *ended]))


def _failing(plans: Iterable[Plan]) -> tuple[list[str], bool]:
    """The last errors of enrollments that may not have been made; whether that is all there is."""
    failing: dict[str, None] = {}
    is_all = False
    for plan in plans:
        expected = [s for s in plan.assessment.statuses if s.state.record.is_on_its_way]
        open_ = (plan.memory.of(s.device.name) for s in expected if s.code in UNKNOWN)
        errors = [past.enrollments[-1].answer for past in open_ if past.enrollments]
        failing |= dict.fromkeys(filter(None, errors))
        is_all |= any(errors) and len(errors) == len(expected)
    return list(failing), is_all


def _rejected_by_people(plans: Iterable[Plan]) -> int:
    """How many devices people rejected, which is no failure."""
    return sum(
        status.state is State.REJECTED and status.request.key in plan.rejected
        for plan in plans
        for status in plan.assessment.statuses
        if status.request
    )


def _warnings(site_run: SiteRun, plans: Mapping[str, Plan]) -> list[str]:
    """What is wrong with all that a system shows, by the systems that were observed."""
    observed = (run for run in site_run.runs if run.connection in plans)
    return [each for run in observed for each in warnings(run, plans[run.connection])]


def _sentence(site_run: SiteRun, assessment: Assessment, also: Sequence[str]) -> str:
    """What came of the devices, and what is to be said `also`."""
    if not site_run.order.is_whole_site:
        status = assessment.statuses[0]
        who = f"{status.device.name} of {site_run.site}"
        came_of_it = f"{who}: {status.state.record.label}, {status.reason}."
        return " ".join([came_of_it, *also])
    faulty = len(site_run.order.roster.faulty_lines)
    parts = [counted(assessment) or "no device of the roster is concerned"]
    unchecked = len(site_run.order.roster.lines) - len(assessment.statuses)
    if unchecked:
        parts.append(f"{unchecked} not checked")
    if faulty:
        parts.append(f"{faulty} faulty {'line' if faulty == 1 else 'lines'}")
    waiting = len(site_run.order.roster.proposed_lines)
    if waiting:
        parts.append(f"{waiting} {'line' if waiting == 1 else 'lines'} with a repair proposed")
    unknown_devices = len({h.request.key for h in assessment.holds if h.device is None})
    if unknown_devices:
        parts.append(f"{unknown_devices} unknown {'device' if unknown_devices == 1 else 'devices'}")
    is_done = assessment.counts[State.IN_SERVICE] == len(assessment.statuses)
    idle = (
        " Nothing had to be done."
        if is_done and not (site_run.has_acted or site_run.is_dry)
        else ""
    )
    return " ".join([f"{site_run.site}: {', '.join(parts)}.{idle}", *also])
