"""What an earlier decision on a request means for it, whatever the admission model."""

from fleet.device.request import Request
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.case import Case, last_error
from fleet.status.status import DeviceStatus


def lost_before(case: Case, request: Request) -> DeviceStatus | None:
    """The status of a device whose key was lost: by this run, or by any that tries no more."""
    past = case.remembered
    is_tried_again = case.limits.retries_lost_keys and request.key in past.lost_before
    if request.key not in past.lost or is_tried_again:
        return None
    reason = f"{past.lost[request.key]}. {case.profile.lost_key_remedy}"
    return case.status(State.KEY_LOST, ReasonCode.KEY_LOST, reason, request)


def refused_before(case: Case, request: Request) -> DeviceStatus | None:
    """The status of a device whose request this run saw refused."""
    refusal = case.remembered.refusal(request.key)
    if refusal is not None:
        reason = f"refused: {refusal}"
        return case.status(State.FAILED, ReasonCode.DECISION_REFUSED, reason, request)
    return None


def unanswered_before(
    case: Case, request: Request, what: str = "asked; what was decided on it"
) -> DeviceStatus | None:
    """The status while a call that was not answered may still be carried out; `what` it was."""
    if request.key not in case.remembered.pending:
        return None
    reason = f"{what} was not answered, and may still come to pass"
    reason = f"{reason}{last_error(case.remembered.answers.get(request.key, ''))}"
    return case.status(State.WAITING, ReasonCode.DECISION_UNANSWERED, reason, request)
