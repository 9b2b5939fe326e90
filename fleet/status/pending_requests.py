"""Pending requests of one device: which is approved, which rejected, which held for a person."""

from dataclasses import replace

from fleet.action.action import Approve
from fleet.device.identity import Identity
from fleet.device.request import Request
from fleet.state.device_state import State
from fleet.state.memory import ENROLLMENT
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from fleet.status.case import Case
from fleet.status.decided import refused_before, unanswered_before
from fleet.status.enrollment import is_certain, unanswered_enrollment
from fleet.status.holds import held, rejection, with_others
from fleet.status.status import DeviceStatus

REJECTED_BY_RUN = Verdict(
    Decision.REJECT, ReasonCode.REJECTED_BY_RUN, "this run was started to reject it"
)
Judged = tuple[Request, Verdict]


def decide(case: Case, pending: list[Request]) -> DeviceStatus:
    """The status of a device by its pending requests, of which one at most is decided now."""
    if doubled := [r for r in pending if r.id in case.observed.doubled_ids]:
        reason = f"{case.profile.system} lists another request as number {doubled[-1].id} too"
        verdict = Verdict(Decision.HOLD, ReasonCode.DOUBLED_NUMBER, reason)
        return held(case, [(r, verdict) for r in pending])
    if case.desired.decision is Decision.REJECT:
        undecided = [r for r in pending if not case.remembered.was_decided(r.key)]
        return _decided(
            case, (undecided or pending)[-1], REJECTED_BY_RUN
        )  # whatever the code it asks by
    judged = [(request, case.verdict(request)) for request in pending]
    denied = [(r, v) for r, v in judged if v.decision is Decision.REJECT]
    for request, verdict in denied:
        if not case.remembered.was_decided(request.key):
            return _to_be_rejected(case, request, verdict)
    open_ = [(r, v) for r, v in judged if v.decision is not Decision.REJECT]
    if denied and not open_:
        return _decided(case, *denied[-1])
    return _fitting(case, open_)


def _fitting(case: Case, open_: list[Judged]) -> DeviceStatus:
    """The status by those requests that were not rejected."""
    fitting = [(r, v) for r, v in open_ if v.decision in {Decision.APPROVE, Decision.LEAVE}]
    fitting = [(r, v) for r, v in fitting if v.by] or fitting
    if not fitting:
        return _unfit(case, open_)
    past = case.remembered
    begun = [(r, v) for r, v in fitting if r.key in past.approved | past.pending]
    if not fitting[0][1].by and (several := _several(case, fitting, open_, bool(begun))):
        return held(case, [(r, several) for r, _ in open_])
    newest, verdict = (begun or fitting)[-1]
    others = [r for r, _ in open_ if r is not newest]
    return with_others(case, _decided(case, newest, verdict), others, newest)


def _several(
    case: Case, fitting: list[Judged], open_: list[Judged], is_begun: bool
) -> Verdict | None:
    """Why nobody can tell which request is the device's; None when only one can be."""
    if len(_machines(case, fitting, [] if is_begun else open_)) > 1:
        reason = "several machines ask in this device's name"
        return Verdict(Decision.HOLD, ReasonCode.SEVERAL_MACHINES, reason)
    if len(fitting) > 1 and not is_begun:
        numbers = " and ".join(request.id for request, _ in fitting)
        reason = f"requests {numbers} show one identity: it asked twice, or one is a clone of it"
        return Verdict(Decision.HOLD, ReasonCode.SEVERAL_MACHINES, reason)
    return None


def _machines(case: Case, fitting: list[Judged], others: list[Judged]) -> set[Identity]:
    """What asks in the device's name: what fits, and what is suspicious but shows its code.

    Request 7 shows edge-042's host id, and request 9 shows that with a MAC of request 8: 7 fits,
    9 is suspicious, and it is unknown which of them is edge-042.
    """
    codes = case.remembered.enrollment_ids
    rivals = [r for r, _ in others if r.enrollment_id in codes]
    return {request.identity for request in [*rivals, *(r for r, _ in fitting)]}


def _unfit(case: Case, pending: list[Judged]) -> DeviceStatus:
    """None of the requests fits: held, and enrolled all the same if that was never done."""
    status, unanswered = held(case, pending), unanswered_enrollment(case)
    if ENROLLMENT in case.remembered.refused:
        return status
    if unanswered and not is_certain(case, unanswered):
        return status
    if case.device.zero_touch or (case.remembered.enrollments and not unanswered):
        return status
    return replace(status, needs_enrollment=True, unanswered=unanswered)


def _decided(case: Case, request: Request, verdict: Verdict) -> DeviceStatus:
    """A request that was judged: approved, unless that was done, refused, or is not ours to do."""
    if status := _decided_before(case, request):
        return status
    if case.desired.decision is Decision.REJECT:
        return _to_be_rejected(case, request, REJECTED_BY_RUN)
    if case.device.zero_touch or verdict.decision is Decision.LEAVE:
        reason = "asked; its zero-touch profile admits it"
        return case.status(State.WAITING, ReasonCode.LEFT_TO_ZERO_TOUCH, reason, request)
    status = case.status(State.WAITING, verdict.code, f"asked; {verdict.reason}", request)
    evidence = None if verdict.by else case.evidence.get(request.key)
    return replace(status, action=Approve(case.device, request, verdict.reason, evidence))


def _decided_before(case: Case, request: Request) -> DeviceStatus | None:
    """What came of an earlier decision on the request; None when there was none."""
    if status := refused_before(case, request):
        return status
    if request.key in case.remembered.approved:
        reason = f"{case.profile.system} answered its approval, and does not show it"
        return case.status(State.APPROVAL_NOT_SHOWN, ReasonCode.APPROVAL_NOT_SHOWN, reason, request)
    if status := unanswered_before(case, request):
        return status
    if request.key in case.remembered.rejected:
        reason = "rejected; its system does not show that yet"
        return case.status(State.REJECTED, ReasonCode.REJECTION_NOT_SHOWN, reason, request)
    return None


def _to_be_rejected(case: Case, request: Request, verdict: Verdict) -> DeviceStatus:
    reason = f"asked; it is to be rejected: {verdict.reason}"
    status = case.status(State.WAITING, verdict.code, reason, request)
    return replace(status, action=rejection(case, request, verdict))
