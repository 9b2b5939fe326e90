"""Admission by approval, as LEM has it: devices ask, and each request is decided.

edge-042 boots with the code of its site, LEM shows its request, and Muster approves that one.
"""

from collections.abc import Mapping

from fleet.admission.desired import Desired
from fleet.admission.evidence import Evidence
from fleet.admission.evidence_collection import EvidenceCollection
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.request import Progress, Request
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.case import Case
from fleet.status.enrollment import (
    ended_enrollment,
    first_enrollment,
    last_enrollment,
    not_to_enroll,
    usable_enrollment,
)
from fleet.status.holds import deactivated
from fleet.status.pending_requests import decide
from fleet.status.status import DeviceStatus
from fleet.system.profile import SystemProfile


class ByApproval:
    """What `AdmissionModel` says, where requests are decided."""

    shows_only_named = False
    keeps_secrets = False
    asks_again = True
    in_service = "provisioned and in the list of devices"
    stuck_hint = "its tunnel (UDP 51820) is often blocked"

    def undecidable(self, profile: SystemProfile) -> str:
        """Nothing: devices ask, so that there is something to decide."""
        return ""

    def can_find(self, device: Device) -> bool:
        """A request has no name of ours: only by an identity can it be matched to its device."""
        return bool(device.identity)

    def evidence(self, collection: EvidenceCollection) -> Mapping[str, Evidence]:
        """The evidence of every pending request, by its key."""
        return collection.evidence

    def awaits(self, desired: Desired) -> str:
        """Devices are waited for until they ask."""
        return "request"

    def not_admitted(self, case: Case) -> DeviceStatus:
        """By its pending requests; else by a rejected one; else the device has not asked yet."""
        if pending := case.pending:
            return decide(case, pending)
        if case.requests:
            return _turned_away(case, case.requests[-1])
        return not_to_enroll(case) or first_enrollment(case) or _enrolled(case)

    def take_over(self, case: Case) -> DeviceStatus | None:
        """No key is held of any device."""
        return None

    def says(self, request: Request) -> str:
        """Nothing beside its steps."""
        return ""


def _is_deleted(case: Case, enrollment: Enrollment) -> bool:
    """Whether a device was approved by that enrollment and never seen in service, nor any more."""
    past = case.remembered
    return past.confirmed_as is None and past.approved_by(enrollment.id)


def _turned_away(case: Case, request: Request) -> DeviceStatus:
    if request.progress is Progress.REJECTED:
        system = case.profile.system
        reason = f"delete the request in {system} before the device can ask again"
        return case.status(State.REJECTED, ReasonCode.REJECTED_IN_SYSTEM, reason, request)
    return deactivated(case, request)


def _enrolled(case: Case) -> DeviceStatus:
    """Enrolled at some time: waited for as long as its code is good, then enrolled anew."""
    enrollment = usable_enrollment(case)
    if enrollment and _is_deleted(case, enrollment):
        reason = (
            f"{case.profile.system} answered its approval, and shows its request no more; boot it "
            f"with the code ending in {enrollment.ending}, and it asks again"
        )
        return case.status(State.APPROVAL_NOT_SHOWN, ReasonCode.APPROVED_REQUEST_DELETED, reason)
    if enrollment:
        reason = f"has not asked yet; boot it with the code ending in {enrollment.ending}"
        return case.status(State.WAITING, ReasonCode.NOT_ASKED, reason)
    found = last_enrollment(case)
    ending = found.ending if found else ""
    return ended_enrollment(case, f"other devices used up the code ending in {ending}")
