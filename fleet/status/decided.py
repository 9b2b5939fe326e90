"""What an earlier decision on a request means for it, whatever the admission model."""

from fleet.device.request import Request
from fleet.state.device_state import State
from fleet.status.case import Case
from fleet.status.status import DeviceStatus


def refused_before(case: Case, request: Request) -> DeviceStatus | None:
    """The status of a device whose key was lost, or whose request this run saw refused."""
    past = case.remembered
    if request.key in past.lost:
        reason = f"{past.lost[request.key]}. {case.profile.lost_key_remedy}"
        return case.stands(State.KEY_LOST, reason, request)
    refusal = past.refusal(request.key)
    if refusal is not None:
        return case.stands(State.FAILED, f"refused: {refusal}", request)
    return None


def unanswered_before(case: Case, request: Request) -> DeviceStatus | None:
    """The status while a decision that was not answered may still be carried out."""
    if request.key not in case.remembered.pending:
        return None
    reason = "asked; what was decided on it was not answered, and may still come to pass"
    return case.stands(State.WAITING, reason, request)
