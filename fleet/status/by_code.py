"""Admission by code, as Acusight and provision_api have it: a code is exchanged for a key.

Devices do not ask. Muster registers edge-042, is given its code once, and exchanges that for its
key; or hands the code out, so that the device exchanges it itself.
"""

from collections.abc import Mapping
from dataclasses import replace

from fleet.action.action import Approve
from fleet.admission.desired import Desired
from fleet.admission.evidence import Evidence
from fleet.admission.evidence_collection import EvidenceCollection
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.request import Progress, Request
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.case import Case, last_error
from fleet.status.decided import lost_before, refused_before, unanswered_before
from fleet.status.enrollment import (
    ended_enrollment,
    enrolled_anew,
    first_enrollment,
    is_certain,
    last_enrollment,
    not_to_enroll,
    unanswered_enrollment,
    usable_enrollment,
)
from fleet.status.holds import deactivated, held_for
from fleet.status.status import DeviceStatus
from fleet.system.profile import SystemProfile


class ByCode:
    """What `AdmissionModel` says, where codes are exchanged for keys."""

    shows_only_named = True
    keeps_secrets = True
    asks_again = False
    in_service = "activated, as its system shows"
    stuck_hint = ""

    def undecidable(self, profile: SystemProfile) -> str:
        """Devices do not ask, so there is nothing to decide."""
        return f"Devices do not ask for approval at {profile.system}"

    def can_find(self, device: Device) -> bool:
        """Whatever was registered bears the name that we gave it."""
        return True

    def evidence(self, collection: EvidenceCollection) -> Mapping[str, Evidence]:
        """None: what was registered proves nothing, and nothing is decided by it."""
        return {}

    def awaits(self, desired: Desired) -> str:
        """Only devices that activate themselves are waited for."""
        return "activation" if desired.self_activating else ""

    def not_admitted(self, case: Case) -> DeviceStatus:
        """Registered by others, rejected, deactivated, or still to be registered or activated."""
        if case.desired.register_again or not case.requests:
            return _unseen(case)
        if pending := case.pending:
            return _without_code(case, pending[-1])
        return _turned_away(case, case.requests[-1])

    def take_over(self, case: Case) -> DeviceStatus | None:
        """Registered again on an explicit word, unless it activates itself and has its own key."""
        is_its_own = case.device.name in case.desired.self_activating
        if is_its_own or not case.desired.register_again:
            return None
        return not_to_enroll(case) or _take_over(case)

    def says(self, request: Request) -> str:
        """Its own reason, such as that a device is not yet approved there."""
        return request.message


def _turned_away(case: Case, request: Request) -> DeviceStatus:
    if request.progress is Progress.REJECTED:
        return case.status(State.REJECTED, ReasonCode.REJECTED_IN_SYSTEM, request.message, request)
    return deactivated(case, request)


def _without_code(case: Case, request: Request) -> DeviceStatus:
    """Registered and not yet activated, and no code for it is held here."""
    unanswered = unanswered_enrollment(case)
    if unanswered is None:
        return held_for(case, request, ReasonCode.REGISTERED_BY_OTHERS, request.message)
    reason = "registered, but its code was lost with the answer; it is to get a new one"
    reason = f"{reason}{last_error(unanswered.answer)}"
    status = case.status(State.NOT_ENROLLED, ReasonCode.CODE_LOST, reason)
    is_due = is_certain(case, unanswered)
    return replace(status, needs_enrollment=is_due, unanswered=unanswered)


def _unseen(case: Case) -> DeviceStatus:
    """Not registered, or only waiting for the code that is held here."""
    return not_to_enroll(case) or _cut_off(case) or first_enrollment(case) or _enrolled(case)


def _cut_off(case: Case) -> DeviceStatus | None:
    """Registering would change a device that a list may only fail to show."""
    if not case.observed.may_hide or case.requests or _is_shown_by_its_code(case):
        return None
    system = case.profile.system
    gap = f"not shown, and {case.observed.gap(system)}"
    if not case.observed.truncated:
        reason = f"{gap}: it may be that one, so nothing was done. Correct the entry in {system}"
        return case.status(State.HELD, ReasonCode.ENTRY_UNREADABLE, reason)
    reason = (
        f"{gap}: it may be at another site, so nothing was done. If it is not, "
        f"{case.profile.enroll} it for this site by hand; then run again with *Register again*"
    )
    return case.status(State.HELD, ReasonCode.LIST_CUT_OFF, reason)


def _is_shown_by_its_code(case: Case) -> bool:
    """Whether its system shows it, and all that is still to come is the use of its own code."""
    is_its_own = not case.profile.shares_enrollments
    return is_its_own and bool(case.remembered.enrollments) and last_enrollment(case) is not None


def _enrolled(case: Case) -> DeviceStatus:
    """Registered before: activated by its code while that is good, then registered anew."""
    asked = _asked(case, case.remembered.enrollments[-1].enrollment_id or "")
    if lost := lost_before(case, asked):  # also when what it was lost by is no longer good
        return lost
    if enrollment := usable_enrollment(case):
        return _exchangeable(case, asked, enrollment)
    return ended_enrollment(case, f"its {case.profile.enrollment} was used up")


def _take_over(case: Case) -> DeviceStatus:
    """Activated by somebody else: its next code is exchanged for a key, which replaces theirs."""
    if case.remembered.enrollments:
        found = last_enrollment(case)
        if found and case.there < found.expires_at:
            asked = _asked(case, found.id)
            return _unanswered(case, asked) or _exchange(case, asked)
        if (status := first_enrollment(case)) is not None:
            return status
    reason = "activated by somebody else; it is to get a code and a key that are held here"
    return enrolled_anew(case, ReasonCode.KEY_NOT_HELD, reason)


def _asked(case: Case, enrollment_id: str) -> Request:
    """The exchange of that enrollment for the device's key, as a request."""
    return Request(
        id=case.device.name,
        enrollment_id=enrollment_id,
        identity=case.device.identity,
        progress=Progress.WAITING,
        device=case.device.name,
    )


def _exchangeable(case: Case, asked: Request, enrollment: Enrollment) -> DeviceStatus:
    """Its code is held here, to be exchanged for its key by us or by the device."""
    noun = case.profile.enrollment
    if (
        asked.key in case.remembered.approved
    ):  # and yet it is not in service: that key is no longer good
        reason = f"activated before by the {noun} that is held; it is to get a new one"
        return enrolled_anew(case, ReasonCode.CODE_USED_BEFORE, reason)
    is_its_own = case.device.name in case.desired.self_activating
    if is_its_own and not case.remembered.was_decided(asked.key):
        until = f"{enrollment.expires_at:%Y-%m-%d %H:%M} UTC"
        reason = f"registered; hand out its code, by which it activates itself until {until}"
        return case.status(State.WAITING, ReasonCode.ACTIVATES_ITSELF, reason)
    return refused_before(case, asked) or _unanswered(case, asked) or _exchange(case, asked)


def _unanswered(case: Case, asked: Request) -> DeviceStatus | None:
    return unanswered_before(case, asked, f"registered; the call to {case.profile.admit} it")


def _exchange(case: Case, asked: Request) -> DeviceStatus:
    held_here = f"its {case.profile.enrollment} is held here"
    status = case.status(State.WAITING, ReasonCode.CODE_READY, f"registered; {held_here}", asked)
    return replace(status, action=Approve(case.device, asked, held_here))
