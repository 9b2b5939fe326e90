"""Needs: everything that needs attention, why, and what a person should do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.action.action import Hold
from fleet.device.request import Progress
from fleet.planning.assess import Assessment
from fleet.roster.listed import places, repairs_by_cause
from fleet.roster.repair import HOW
from fleet.roster.roster import Roster
from fleet.state.device_state import DEVICE_STATES, State
from fleet.status.holds import NO_REVIEW
from fleet.status.status import DeviceStatus
from fleet.text.fault import Fault
from reports.onboarding.onboarding import (
    FAULTY_LINE,
    REPAIR_PROPOSED,
    OnboardingFacts,
    faults_by_line,
    problem,
)
from reports.page.wording import legible

UNKNOWN_DEVICE = "unknown device"
SPARE = "extra request"
WHOSE = (
    "Find out whose device it is. Add it to the roster, or run review-requests for this site to "
    "reject it."
)
ACTIVATE = "Activate it again in the system, or take its line off the roster."
REJECT = (
    "If the same machine sent it, run review-requests for this site to reject it. If not, find out "
    "which machine did."
)
DECIDE = (
    "Compare this with the device. Run review-requests for this site to approve or reject it, or "
    "correct the roster and run it again."
)
_HOW = HOW.replace("*", "")  # the page is no Markdown
_URGENCY = {record.label: record.urgency for record in DEVICE_STATES.values()}
# What is about no state comes right after what is about this one.
_AFTER = {UNKNOWN_DEVICE: State.HELD, SPARE: State.HELD, FAULTY_LINE: State.RETIRED}
_AFTER[REPAIR_PROPOSED] = State.RETIRED


@dataclass(frozen=True, slots=True)
class Need:
    """One item that needs attention: its kind, whom it concerns, why, and what to do."""

    kind: str
    who: str
    detail: str
    reason: str
    remedy: str


def needs(facts: OnboardingFacts) -> list[Need]:
    """Failed, held, rejected, faulty lines, unknown devices: the most urgent first."""
    found = [*_faulty(facts.roster), *_proposed(facts.roster)]
    found += _status(facts.assessment)
    states = {s.device.name: s.state for s in facts.assessment.statuses}
    found += (_held(hold, states) for hold in facts.assessment.holds)
    return sorted(found, key=_urgency)


def _urgency(need: Need) -> tuple[int, int]:
    """Sort key: by the urgency of its state, then whether it is about a state."""
    if need.kind in _AFTER:
        return _AFTER[need.kind].record.urgency, 1 + [*_AFTER].index(need.kind)
    return _URGENCY[need.kind], 0


def _need(kind: str, who: str, detail: str, reason: str, remedy: str) -> Need:
    return Need(kind, legible(who), legible(detail), legible(reason), legible(remedy))


def _faulty(roster: Roster) -> Iterator[Need]:
    """Faulty lines, those with the same faults as one item."""
    groups: dict[tuple[tuple[str, ...], ...], list[list[Fault]]] = {}
    for faults in faults_by_line(roster).values():
        key = tuple((fault.column, fault.cause or fault.problem, fault.remedy) for fault in faults)
        groups.setdefault(key, []).append(faults)
    for lines in groups.values():
        first = lines[0]
        reasons = map(problem, first) if len(lines) == 1 else map(_shared, first)
        remedies = ". ".join(dict.fromkeys(fault.remedy.rstrip(". ") for fault in first))
        who = places([str(faults[0].line) for faults in lines])
        names = places(list(dict.fromkeys(filter(None, map(_device, lines)))))
        yield _need(FAULTY_LINE, who, names, "; ".join(reasons), f"{remedies}. Then run it again.")


def _shared(fault: Fault) -> str:
    return f"{fault.column}: {fault.cause or fault.problem}"


def _device(faults: Sequence[Fault]) -> str:
    return next((f.device or f.value for f in faults if f.device or f.column == "device"), "")


def _proposed(roster: Roster) -> Iterator[Need]:
    """Repairs that wait for a yes, those of one cause as one item."""
    waiting = set(roster.proposed_lines)
    for each in repairs_by_cause(repair for repair in roster.proposed if repair.place in waiting):
        kind = "safe" if each.first.is_safe else "a guess"
        yield _need(REPAIR_PROPOSED, each.places, kind, each.reason, _HOW)


def _status(assessment: Assessment) -> Iterator[Need]:
    """Devices that only a person can help, unless a held request says so already."""
    held = {hold.device.name for hold in assessment.holds if hold.device}
    for status in assessment.statuses:
        if status.state is State.HELD and status.device.name in held:
            continue
        remedy = NO_REVIEW if status.state is State.HELD else status.state.record.remedy
        if remedy:
            yield _need(
                status.state.record.label, status.device.name, _asked(status), status.reason, remedy
            )


def _asked(status: DeviceStatus) -> str:
    return f"request {status.request.id}" if status.request else ""


def _held(hold: Hold, states: dict[str, State]) -> Need:
    request = hold.request
    shown = f"request {request.id}, {request.identity}"
    if hold.device is None:
        who = request.hostname or "no hostname"
        return _need(UNKNOWN_DEVICE, who, shown, hold.reason, WHOSE)
    name = hold.device.name
    if request.hostname not in {"", name}:
        shown = f"{shown}, hostname {request.hostname}"
    if request.device is not None:  # it is known by our own name, and asks nothing
        remedy = NO_REVIEW
    elif request.progress is Progress.DEACTIVATED:
        remedy = ACTIVATE
    elif states.get(name, State.HELD) is not State.HELD:
        return _need(SPARE, name, shown, hold.reason, REJECT)
    else:
        remedy = DECIDE
    return _need(State.HELD.record.label, name, shown, hold.reason, remedy)
