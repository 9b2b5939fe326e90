"""Concluding: the state in which a run ends, and the sentence that goes with it."""

from typing import Any

from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from fleet.policy import Decision
from fleet.standing import State
from tasks.looking import Look
from tasks.publishing import Report
from tasks.run import Run
from tasks.showing import counted


def conclude(run: Run, look: Look, report: Report) -> RunState[Any]:
    """Failed when a device ended failed; *Waiting* when some are still to come; else Completed.

    A dry run is named *Dry run*, so that lists of runs tell it from a real one.
    """
    message = _sentence(run, look, report)
    counts = look.assessment.counts
    failed = counts[State.FAILED]
    if run.desired.decision is not Decision.REJECT:
        failed += counts[State.REJECTED]
    if look.trouble:
        return Failed(message=f"{look.trouble}. As of the last look: {message}")
    if run.is_dry:
        return Completed(name="Dry run", message=f"Dry run, nothing was changed: {message}")
    if failed:
        return Failed(message=message)
    if counts[State.IN_SERVICE] + counts[State.REJECTED] < len(look.assessment.standings):
        return Completed(name="Waiting", message=message)
    return Completed(message=message)


def _sentence(run: Run, look: Look, report: Report) -> str:
    if not run.desired.is_whole_site:
        standing = look.assessment.standings[0]
        who = f"{standing.device.name} of {run.desired.site}"
        said = standing.reason.startswith(standing.state)
        told = standing.reason if said else f"{standing.state}, {standing.reason}"
        return f"{who}: {told}. Report: {report.page}"
    faulty = len(run.roster.faulty_lines)
    parts = [counted(look.assessment)]
    if faulty:
        parts.append(f"{faulty} faulty {'line' if faulty == 1 else 'lines'}")
    strangers = len({h.request.key for h in look.assessment.holds if h.device is None})
    if strangers:
        parts.append(f"{strangers} {'stranger' if strangers == 1 else 'strangers'} at the door")
    idle = "" if run.has_acted or run.is_dry else " Nothing had to be done."
    return f"{run.desired.site}: {', '.join(parts)}.{idle} Report: {report.page}"
