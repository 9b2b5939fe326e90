"""Pipeline step: at which step of the pipeline a device is, or what it waits for before the next.

edge-042 that was approved an hour ago and is not in service yet is at *wait for provisioning*.
"""

from collections.abc import Iterable

from fleet.action.action import Hold
from fleet.state.device_state import State
from fleet.state.memory import Remembered
from fleet.state.pipeline_step import PipelineStep
from fleet.status.status import DeviceStatus


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
    step = status.state.record.rests_at
    if step is not PipelineStep.WAIT_FOR_REQUEST:
        return step
    if status.request:  # its zero-touch profile admits it
        return PipelineStep.WAIT_FOR_PROVISIONING
    return PipelineStep.MATCH if any(hold.device is None for hold in holds) else step


def _is_open(status: DeviceStatus, past: Remembered) -> bool:
    """Whether the outcome of the last call for the device is still unknown."""
    if status.request:
        return status.state is State.WAITING and status.request.key in past.pending
    last = past.enrollments[-1] if past.enrollments else None
    is_expected = status.state in {State.NOT_ENROLLED, State.WAITING}
    return is_expected and last is not None and last.enrollment_id is None
