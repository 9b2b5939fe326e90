"""Judging one device: from its requests and what is remembered, to its standing.

What is the same for all systems is here; the rest is said by their admission model.
"""

from dataclasses import replace

from fleet.action.action import Confirm, Retry
from fleet.device.request import Progress, Request
from fleet.state.device_state import State
from fleet.state.verdict import Decision
from fleet.status.admission_model import AdmissionModel, model_of
from fleet.status.case import Case
from fleet.status.enrollment import TOO_LATE
from fleet.status.holds import with_others
from fleet.status.status import DeviceStatus


def judge(case: Case) -> DeviceStatus:
    """Where the device stands: the furthest that any of its requests has come decides."""
    if complaint := _complaint(case):
        return case.stands(State.FAILED, complaint)
    model = model_of(case.profile)
    admitted = case.admitted
    if not admitted:
        return model.not_admitted(case)
    current = max(admitted, key=lambda r: (_is_serving(case, r), r.age))
    return with_others(case, _admitted(case, model, current), case.pending, current)


def _complaint(case: Case) -> str:
    """What the device's line lacks for its system, and the remedy; "" when nothing."""
    profile, device = case.profile, case.device
    if profile.needs_host_id and not device.host_id:
        return f"{profile.system} knows a device by its host id alone; give it in its line"
    if device.zero_touch and not profile.has_zero_touch:
        return f"{profile.system} has no zero-touch profiles; leave zero_touch empty in its line"
    return ""


def _is_serving(case: Case, request: Request) -> bool:
    return request.progress is Progress.PROVISIONED and request.device_id in case.observed.present


def _admitted(case: Case, model: AdmissionModel, request: Request) -> DeviceStatus:
    if case.desired.decision is Decision.REJECT:
        return case.stands(State.FAILED, TOO_LATE, request)
    if request.key_held is False and case.remembered.was_decided(request.key):
        reason = f"let in, but its key was lost with the answer. {case.profile.lost_key_remedy}"
        return case.stands(State.KEY_LOST, reason, request)
    if _is_serving(case, request):
        return _in_service(case, model, request)
    if request.progress is Progress.FAILED:
        return _failed(case, request)
    reason = model.says(request) or _provisioning(case, request)
    return case.stands(State.PROVISIONING, reason, request)


def _in_service(case: Case, model: AdmissionModel, request: Request) -> DeviceStatus:
    status = case.stands(State.IN_SERVICE, model.in_service, request)
    if case.remembered.confirmed_as == request.device_id:
        return status
    return replace(status, action=Confirm(case.device, request))


def _provisioning(case: Case, request: Request) -> str:
    """How far a device has come that was admitted and is not in service."""
    if request.progress is Progress.PROVISIONED:
        was_there = request.device_id in {case.remembered.confirmed_as} - {None}
        seen = "and no more" if was_there else "but not yet"
        return f"provisioned, {seen} in the system's list of devices"
    done = f"; last step: {request.steps[-1].name}" if request.steps else ""
    return f"approved and being provisioned{done}"


def _failed(case: Case, request: Request) -> DeviceStatus:
    why = f"provisioning failed: {request.message or request.status}"
    retries, limit = case.remembered.retries, case.limits.retries
    if refusal := case.remembered.refused.get((Retry.kind, request.key)):
        why = f"{why}; the retry was refused: {refusal}"
        return case.stands(State.FAILED, why, request)
    if retries >= limit:
        tries = f"; retried {'once' if retries == 1 else f'{retries} times'}" if retries else ""
        return case.stands(State.FAILED, f"{why}{tries}", request)
    status = case.stands(State.PROVISIONING, f"{why}; retry {retries + 1} of {limit}", request)
    since = case.remembered.retried_at
    if since and case.now < since + case.limits.retry_gap * 2 ** (retries - 1):
        return status
    return replace(status, action=Retry(case.device, request, why))
