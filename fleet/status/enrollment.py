"""Enrollment of a device that its system does not show: not to be made, to be made, or ended."""

from dataclasses import replace
from datetime import datetime, timedelta

from fleet.device.enrollment import Enrollment
from fleet.state.device_state import State
from fleet.state.memory import ENROLLMENT, EnrollmentRecord, Remembered
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.status.case import Case, last_error
from fleet.status.status import DeviceStatus
from fleet.system.clock import REMEDY
from fleet.system.profile import SystemProfile

NO_TIME = timedelta(minutes=1)  # in which no device can use a code
TOO_LATE = "cannot be rejected any more: it was admitted. Remove it in its system"


def not_to_enroll(case: Case) -> DeviceStatus | None:
    """The status of a device that needs no enrollment or can have none; None for all others."""
    if case.remembered.confirmed_as in case.observed.present and not case.requests:
        return _listed_alone(case)
    if case.desired.decision is Decision.REJECT:
        return case.status(State.WAITING, ReasonCode.NOT_ASKED, "has not asked to be admitted")
    if case.device.zero_touch:
        return _waits_by_zero_touch(case)
    if ENROLLMENT in case.remembered.refused:
        reason = f"not enrolled: {case.remembered.refused[ENROLLMENT]}"
        return case.status(State.FAILED, ReasonCode.ENROLLMENT_REFUSED, reason)
    return None


def first_enrollment(case: Case) -> DeviceStatus | None:
    """The status until a first enrollment is known to be made; None once one is."""
    if not case.remembered.enrollments:
        status = case.status(State.NOT_ENROLLED, ReasonCode.NEW, "new on the roster")
        return replace(status, needs_enrollment=True)
    unanswered = unanswered_enrollment(case)
    if unanswered is None:
        return None
    reason = "its enrollment was asked for, and it is unknown whether it was made"
    if case.observed.unreadable:
        reason = f"{reason}; {case.observed.gap(case.profile.system)}, and may be it"
    reason = f"{reason}{last_error(unanswered.answer)}"
    status = case.status(State.NOT_ENROLLED, ReasonCode.ENROLLMENT_UNANSWERED, reason)
    if case.observed.unreadable or not is_certain(case, unanswered):
        return status
    return replace(status, needs_enrollment=True, unanswered=unanswered)


def last_enrollment(case: Case) -> Enrollment | None:
    """The enrollment that was made last, as its system shows it."""
    return case.observed.enrollment_by_id.get(case.remembered.enrollments[-1].enrollment_id or "")


def usable_enrollment(case: Case) -> Enrollment | None:
    """The enrollment that was made last, if the device can still come in by it."""
    found = last_enrollment(case)
    return found if found is not None and found.is_usable(case.there) else None


def ended_enrollment(case: Case, used_up: str) -> DeviceStatus:
    """The status of a device whose last enrollment is good no more: it gets another.

    `used_up` says what it means that an enrollment has no room left.
    """
    found, record = last_enrollment(case), case.remembered.enrollments[-1]
    if found is None and record.enrollment_id and case.now < record.made_at + case.limits.grace:
        reason = "has not asked yet; its enrollment is not yet listed"
        return case.status(State.WAITING, ReasonCode.ENROLLMENT_NOT_LISTED, reason)
    if found is None and case.observed.unreadable and case.now < record.wanted_expiry:
        reason = f"its enrollment is not shown; {case.observed.gap(case.profile.system)}"
        return case.status(State.WAITING, ReasonCode.ENTRY_UNREADABLE, f"{reason}, and may be it")
    return enrolled_anew(case, *_end(case, found, used_up))


def enrolled_anew(case: Case, code: ReasonCode, reason: str) -> DeviceStatus:
    """The status of a device that cannot come in by its last enrollment: it gets another.

    A run makes no more than its limit, each after a longer gap, so that a system whose codes are no
    good is not asked for thousands of them.
    """
    made, limits = case.remembered.enrolled, case.limits
    if made >= limits.enrollments:
        noun, times = case.profile.enrollment, "twice" if made == 2 else f"{made} times"
        reason = f"{reason}; its {noun} was made {times} in this run, and is not made again"
        return case.status(State.FAILED, ReasonCode.ENROLLMENT_GIVEN_UP, reason)
    status = case.status(State.NOT_ENROLLED, code, reason)
    since = case.remembered.enrollments[-1].made_at if made else case.now
    is_due = not made or case.now >= since + limits.retry_gap * 2 ** (made - 1)
    return replace(status, needs_enrollment=is_due)


def _end(case: Case, found: Enrollment | None, used_up: str) -> tuple[ReasonCode, str]:
    """Why no device can use an enrollment any more; None: its system does not show it."""
    if found is None:
        return ReasonCode.ENROLLMENT_MISSING, "its enrollment is not in the system any more"
    if found.free == 0:
        return ReasonCode.CODE_USED_UP, used_up
    expired = f"its code expired at {found.expires_at:%Y-%m-%d %H:%M} UTC"
    return ReasonCode.CODE_EXPIRED, f"{expired}{_clocks(case, found)}"


def _clocks(case: Case, expired: Enrollment) -> str:
    """What clocks may have to do with it that a code expired; "" when nothing."""
    if case.clocks_differ:
        return f"; {case.clocks_differ}. {REMEDY}"
    record, system = case.remembered.enrollments[-1], case.profile.system
    if record.adopted or expired.expires_at >= record.made_at + case.observed.skew + NO_TIME:
        return ""
    return f", as soon as it was made: {system} gives it no time, or its clock differs from ours"


def unanswered_enrollment(case: Case) -> EnrollmentRecord | None:
    """The last enrollment asked for, as long as its unknown outcome matters."""
    last = next(reversed(case.remembered.enrollments), None)
    is_open = last is not None and last.enrollment_id is None and case.now < last.wanted_expiry
    return last if is_open else None


def is_certain(case: Case, unanswered: EnrollmentRecord) -> bool:
    """Whether an enrollment that was not answered can happen no more."""
    return case.now >= unanswered.made_at + case.limits.outcome_timeout


def lost_code(past: Remembered, profile: SystemProfile, now: datetime) -> datetime | None:
    """Until when a code may work that was lost with its answer; None where there is none.

    Only where codes end by themselves: elsewhere the enrollment is found again, or revoked.
    """
    if profile.code_life is None:
        return None
    unanswered = [g.made_at for g in past.enrollments if g.enrollment_id is None]
    asked = [*unanswered, *(g.lost_at for g in past.enrollments if g.lost_at)]
    until = max(asked) + profile.code_life if asked else now
    return until if until > now else None


def _listed_alone(case: Case) -> DeviceStatus:
    """In service, and its request was deleted."""
    if case.desired.decision is Decision.REJECT:
        return case.status(State.FAILED, ReasonCode.TOO_LATE_TO_REJECT, TOO_LATE)
    reason = f"in the list of devices; {case.profile.system} has its request no more"
    return case.status(State.IN_SERVICE, ReasonCode.LISTED_WITHOUT_REQUEST, reason)


def _waits_by_zero_touch(case: Case) -> DeviceStatus:
    profile = case.observed.profile(case.device.zero_touch or "")
    if profile is None or profile.is_usable(case.there):
        reason = "has not asked yet; its zero-touch profile is ready"
        return case.status(State.WAITING, ReasonCode.ZERO_TOUCH_READY, reason)
    reason = "has not asked yet, and cannot: its zero-touch profile has expired or is used up"
    return case.status(State.WAITING, ReasonCode.ZERO_TOUCH_UNUSABLE, reason)
