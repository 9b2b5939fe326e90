"""Judge one device: from its requests and what is remembered, to its status.

What is the same for all systems is here; the rest is said by their admission model.
"""

from dataclasses import replace

from fleet.action.action import Confirm, Retry
from fleet.device.request import Progress, Request
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.status.admission_model import AdmissionModel, model_of
from fleet.status.case import Case
from fleet.status.enrollment import TOO_LATE, lost_code
from fleet.status.holds import with_others
from fleet.status.mismatch import mismatch
from fleet.status.status import DeviceStatus


def judge(case: Case) -> DeviceStatus:
    """The status of the device: the request that has come furthest decides."""
    if complaint := _complaint(case):
        return case.status(State.FAILED, *complaint)
    if (other := mismatch(case)) and other.request:
        return with_others(case, other, case.pending, other.request)
    model = model_of(case.profile)
    admitted = case.admitted
    if not admitted:
        return model.not_admitted(case)
    current = max(admitted, key=lambda r: (_is_serving(case, r), r.age))
    return with_others(case, _admitted(case, model, current), case.pending, current)


def _complaint(case: Case) -> tuple[ReasonCode, str] | None:
    """What the device's line lacks for its system, and the remedy; None when nothing."""
    profile, device = case.profile, case.device
    if profile.needs_host_id and not device.host_id:
        reason = f"{profile.system} knows a device by its host id alone; give it in its line"
        return ReasonCode.HOST_ID_REQUIRED, reason
    if device.zero_touch and not profile.has_zero_touch:
        reason = f"{profile.system} has no zero-touch profiles; leave zero_touch empty in its line"
        return ReasonCode.ZERO_TOUCH_IMPOSSIBLE, reason
    return None


def _is_serving(case: Case, request: Request) -> bool:
    return request.progress is Progress.PROVISIONED and request.device_id in case.observed.present


def _admitted(case: Case, model: AdmissionModel, request: Request) -> DeviceStatus:
    if case.desired.decision is Decision.REJECT:
        return case.status(State.FAILED, ReasonCode.TOO_LATE_TO_REJECT, TOO_LATE, request)
    if request.key_held is False and case.remembered.was_decided(request.key):
        lost = "admitted, but its key was lost, with the answer or before it could be sealed"
        why = case.remembered.lost.get(request.key, lost)
        reason = f"{why}. {case.profile.lost_key_remedy}"
        return case.status(State.KEY_LOST, ReasonCode.KEY_LOST, reason, request)
    if _is_serving(case, request):
        taken_over = model.take_over(case) if request.key_held is False else None
        return taken_over or _in_service(case, model, request)
    if request.progress is Progress.FAILED:
        return _failed(case, request)
    code, reason = _provisioning(case, request)
    return case.status(State.PROVISIONING, code, model.says(request) or reason, request)


def _in_service(case: Case, model: AdmissionModel, request: Request) -> DeviceStatus:
    code, reason = ReasonCode.IN_SERVICE, model.in_service
    if request.key_held is False and case.device.name in case.desired.self_activating:
        reason = f"{reason}; it activated itself, so its key is not held here"
    elif request.key_held is False:
        code = ReasonCode.KEY_NOT_HELD
        why = "somebody else activated it, or the ledger was restored"
        reason = f"{reason}; its key is not held here: {why}"
    elif request.key_may_be_replaced:
        code = ReasonCode.KEY_MAY_BE_REPLACED
        why = request.key_may_be_replaced
        reason = f"{reason}; its key may have been replaced, and not be held: {why}"
    if until := lost_code(case.remembered, case.profile, case.now):
        reason = (
            f"{reason}; a code that was lost with its answer may work until "
            f"{until:%Y-%m-%d %H:%M} UTC, and whoever has it could replace its key"
        )
    status = case.status(State.IN_SERVICE, code, reason, request)
    if case.remembered.confirmed_as == request.device_id:
        return status
    return replace(status, action=Confirm(case.device, request))


def _provisioning(case: Case, request: Request) -> tuple[ReasonCode, str]:
    """How far a device has come that was admitted and is not in service."""
    if request.progress is Progress.PROVISIONED:
        was_there = request.device_id in {case.remembered.confirmed_as} - {None}
        if was_there:
            reason = "provisioned, and no longer in the system's list of devices"
            return ReasonCode.NO_LONGER_LISTED, reason
        return ReasonCode.NOT_YET_LISTED, "provisioned, but not yet in the system's list of devices"
    done = f"; last step: {request.steps[-1].name}" if request.steps else ""
    return ReasonCode.BEING_PROVISIONED, f"approved and being provisioned{done}"


def _failed(case: Case, request: Request) -> DeviceStatus:
    why = f"provisioning failed: {request.message or request.status}"
    retries, limit = case.remembered.retries, case.limits.retries
    if refusal := case.remembered.refused.get((Retry.kind, request.key)):
        why = f"{why}; the retry was refused: {refusal}"
        return case.status(State.FAILED, ReasonCode.RETRY_REFUSED, why, request)
    if retries >= limit:
        tries = f"; retried {'once' if retries == 1 else f'{retries} times'}" if retries else ""
        code = ReasonCode.PROVISIONING_FAILED
        return case.status(State.FAILED, code, f"{why}{tries}", request)
    reason = f"{why}; retry {retries + 1} of {limit}"
    status = case.status(State.PROVISIONING, ReasonCode.RETRY_PLANNED, reason, request)
    since = case.remembered.retried_at
    if since and case.now < since + case.limits.retry_gap * 2 ** (retries - 1):
        return status
    return replace(status, action=Retry(case.device, request, why))
