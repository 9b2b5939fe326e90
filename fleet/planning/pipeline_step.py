"""Pipeline step: at which step of the pipeline a device is, or what it waits for before the next.

edge-042 that was approved an hour ago and is not in service yet is at *wait for provisioning*.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from fleet.action.action import Hold
from fleet.state.device_state import State
from fleet.state.memory import Remembered
from fleet.status.status import DeviceStatus


class PipelineStep(StrEnum):
    """A step of the pipeline, called as its modules are, or a wait."""

    OBSERVE = "observe"
    MATCH = "match"
    ASSESS = "assess"
    PLAN = "plan"
    EXECUTE = "execute"
    RESOLVE = "resolve"
    WAIT_FOR_REQUEST = "wait for request"
    WAIT_FOR_DECISION = "wait for decision"
    WAIT_FOR_PROVISIONING = "wait for provisioning"
    DONE = "done"

    @property
    def meaning(self) -> str:
        """What that says of a device."""
        return _MEANINGS[self]


_MEANINGS: Mapping[PipelineStep, str] = {
    PipelineStep.OBSERVE: "its system could not be observed",
    PipelineStep.MATCH: "a pending request matches no device: it may be this one's",
    PipelineStep.ASSESS: "its status is such that no action follows by itself",
    PipelineStep.PLAN: "it needs an enrollment, which onboard-site plans",
    PipelineStep.EXECUTE: "an action is planned, and the next run executes it",
    PipelineStep.RESOLVE: "a call was not answered, and the next observation shows what came of it",
    PipelineStep.WAIT_FOR_REQUEST: "the device has not asked yet",
    PipelineStep.WAIT_FOR_DECISION: "a person is to decide on its request",
    PipelineStep.WAIT_FOR_PROVISIONING: "its system has not brought it into service yet",
    PipelineStep.DONE: "nothing is left to do",
}

# Where nothing is planned and no call is without an answer.
_RESTING: Mapping[State, PipelineStep] = {
    State.NOT_ENROLLED: PipelineStep.PLAN,
    State.WAITING: PipelineStep.WAIT_FOR_REQUEST,
    State.HELD: PipelineStep.WAIT_FOR_DECISION,
    State.APPROVAL_NOT_SHOWN: PipelineStep.WAIT_FOR_PROVISIONING,
    State.PROVISIONING: PipelineStep.WAIT_FOR_PROVISIONING,
    State.FAILED: PipelineStep.ASSESS,
    State.KEY_LOST: PipelineStep.ASSESS,
    State.MISSING: PipelineStep.ASSESS,
    State.REJECTED: PipelineStep.ASSESS,
    State.RETIRED: PipelineStep.DONE,
    State.IN_SERVICE: PipelineStep.DONE,
}


def step_of(status: DeviceStatus, past: Remembered, holds: Iterable[Hold] = ()) -> PipelineStep:
    """At which step a device is that has that status; `holds` are all that are held at its site."""
    if status.action:
        return PipelineStep.EXECUTE
    if status.needs_enrollment:
        return PipelineStep.PLAN
    if _is_open(status, past):
        return PipelineStep.RESOLVE
    if status.state is State.APPROVAL_NOT_SHOWN and not status.request:  # it was deleted
        return PipelineStep.WAIT_FOR_REQUEST
    step = _RESTING[status.state]
    if step is not PipelineStep.WAIT_FOR_REQUEST:
        return step
    if status.request:  # its zero-touch profile lets it in
        return PipelineStep.WAIT_FOR_PROVISIONING
    return PipelineStep.MATCH if any(hold.device is None for hold in holds) else step


def _is_open(status: DeviceStatus, past: Remembered) -> bool:
    """Whether nobody knows yet what came of the last thing that was done for the device."""
    if status.request:
        return status.state is State.WAITING and status.request.key in past.pending
    last = past.grants[-1] if past.grants else None
    is_expected = status.state in {State.NOT_ENROLLED, State.WAITING}
    return is_expected and last is not None and last.enrollment_id is None
