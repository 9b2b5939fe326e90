"""Mismatch: a machine is admitted in a device's name and cannot be that device.

edge-001's line says host id 43e210471948. A machine with another host id that shows its MAC came in
by a zero-touch profile: LEM has it in service, and edge-001 is not.
"""

from collections.abc import Iterator

from fleet.device.request import Progress, Request, enrollment_of
from fleet.state.admitted import Admitted
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.case import Case
from fleet.status.status import DeviceStatus

THEN = "when it was admitted it showed"


def mismatch(case: Case) -> DeviceStatus | None:
    """The status of a device in whose name another machine is admitted; None when none is.

    What is not shown proves nothing. A machine that was in service once, and whose place another
    one has that fits, is history.
    """
    found = [(r, why) for r in (*case.admitted, *case.strays) if (why := _contradiction(case, r))]
    keys = {request.key for request, _ in found}
    if any(request.key not in keys for request in case.admitted):
        found = [(r, why) for r, why in found if not _is_past(case, r)]
    if not found:
        return None
    request, why = max(found, key=lambda each: (_is_serving(case, each[0]), each[0].age))
    came = "in service" if _is_serving(case, request) else "admitted"
    reason = f"request {request.id} is {came} in its name: {why}"
    return case.status(State.IDENTITY_MISMATCH, ReasonCode.IDENTITY_MISMATCH, reason, request)


def contradictions(case: Case, request: Request) -> Iterator[str]:
    """What a request shows that the device's line or the record of its admission denies."""
    by_line = case.device.identity.contradiction(request.identity)
    yield by_line
    if other := case.owners.get(request.key):
        yield f"it was admitted as {other}"
    past = case.remembered.admitted
    if past and not past.is_superseded(case.device.identity):
        yield "" if by_line else past.identity.contradiction(request.identity, THEN)
        yield _other_id(past, request)
        yield _other_code(past, request)


def _contradiction(case: Case, request: Request) -> str:
    return "; ".join(filter(None, contradictions(case, request)))


def _other_id(past: Admitted, request: Request) -> str:
    """Its system's id of the device behind the same request is another one."""
    is_same = request.key == past.request_key
    if not (is_same and past.device_id and request.device_id):
        return ""
    if request.device_id == past.device_id:
        return ""
    return f"its system's id of it is {request.device_id}, and {THEN} {past.device_id}"


def _other_code(past: Admitted, request: Request) -> str:
    """The device asks by another code than that by which the same request was admitted.

    Where Muster exchanges codes, a device that is registered again has another one.
    """
    is_same = request.device is None and request.device_id in {past.device_id} - {None}
    code = enrollment_of(past.request_key)
    if not is_same or past.request_key != f"{request.id}/{code}" or not request.enrollment_id:
        return ""
    if request.enrollment_id == code:
        return ""
    return f"it shows another code than {THEN}"


def _is_serving(case: Case, request: Request) -> bool:
    return request.progress is Progress.PROVISIONED and request.device_id in case.observed.present


def _is_past(case: Case, request: Request) -> bool:
    return request.progress is Progress.PROVISIONED and not _is_serving(case, request)
