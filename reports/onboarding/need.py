"""Needs: everything that waits for a person, why, and what that person should do next."""

from collections.abc import Iterator
from dataclasses import dataclass

from fleet.action.action import Hold
from fleet.device.request import Progress
from fleet.planning.assess import Assessment
from fleet.roster.roster import Roster
from fleet.state.device_state import DEVICE_STATES, State
from fleet.status.status import DeviceStatus
from reports.onboarding.onboarding import FAULTY_LINE, OnboardingFacts, faults_by_line, problem
from reports.page.wording import legible

UNKNOWN_DEVICE = "stranger at the door"
SPARE = "one request too many"
REVIEW = "Run review-requests for this site"
_URGENCY = {record.label: record.urgency for record in DEVICE_STATES.values()}
# After which state's matters those come that are about no state.
_AFTER = {UNKNOWN_DEVICE: State.HELD, SPARE: State.HELD, FAULTY_LINE: State.RETIRED}


@dataclass(frozen=True, slots=True)
class Need:
    """One matter for a person: its kind, whom it concerns, why, and the next step."""

    kind: str
    who: str
    detail: str
    reason: str
    step: str


def needs(facts: OnboardingFacts) -> list[Need]:
    """Failed, held, rejected, faulty lines, strangers: the most urgent first."""
    found = list(_faulty(facts.roster))
    found += _status(facts.assessment)
    states = {s.device.name: s.state for s in facts.assessment.statuses}
    found += (_held(hold, states) for hold in facts.assessment.holds)
    return sorted(found, key=_urgency)


def _urgency(need: Need) -> tuple[int, int]:
    """Sort key: by state, and within it what is about no state last."""
    if need.kind in _AFTER:
        return _AFTER[need.kind].record.urgency, 1 + [*_AFTER].index(need.kind)
    return _URGENCY[need.kind], 0


def _need(kind: str, who: str, detail: str, reason: str, step: str) -> Need:
    return Need(kind, legible(who), legible(detail), legible(reason), legible(step))


def _faulty(roster: Roster) -> Iterator[Need]:
    for number, faults in faults_by_line(roster).items():
        name = next((f.device or f.value for f in faults if f.device or f.column == "device"), "")
        reason = "; ".join(map(problem, faults))
        remedies = ". ".join(dict.fromkeys(fault.remedy.rstrip(". ") for fault in faults))
        yield _need(FAULTY_LINE, f"line {number}", name, reason, f"{remedies}. Then run it again.")


def _status(assessment: Assessment) -> Iterator[Need]:
    """Devices that stand where only a person helps, unless a held request tells it already."""
    messages = {hold.device.name for hold in assessment.holds if hold.device}
    for status in assessment.statuses:
        if status.state is State.HELD and status.device.name in messages:
            continue
        if step := status.state.record.remedy:
            yield _need(
                status.state.record.label, status.device.name, _asked(status), status.reason, step
            )


def _asked(status: DeviceStatus) -> str:
    return f"request {status.request.id}" if status.request else ""


def _held(hold: Hold, states: dict[str, State]) -> Need:
    request = hold.request
    shown = f"request {request.id}, {request.identity}"
    if hold.device is None:
        who = request.hostname or "a machine without a name"
        step = f"Find out whose it is. Add it to the roster; or {REVIEW.lower()} to reject it."
        return _need(UNKNOWN_DEVICE, who, shown, hold.reason, step)
    name = hold.device.name
    if request.hostname not in {"", name}:
        shown = f"{shown}, calls itself {request.hostname}"
    if request.progress is Progress.DEACTIVATED:
        step = "Activate it again in the system, or take its line off the roster."
    elif states.get(name, State.HELD) is not State.HELD:
        step = f"{REVIEW} to reject it if it is the same machine; else find out whose it is."
        return _need(SPARE, name, shown, hold.reason, step)
    else:
        answer = f"{REVIEW} to approve or reject it"
        step = f"Compare this with the box. {answer}; or correct the roster and run it again."
    return _need(State.HELD.record.label, name, shown, hold.reason, step)
