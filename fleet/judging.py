"""Judging one device: from its requests and what is remembered, to its standing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.action import Approve, Confirm, Hold, Reject, Retry
from fleet.desired import Desired
from fleet.device import Device
from fleet.enrolment import Enrolment
from fleet.evidence import Evidence
from fleet.limits import Limits
from fleet.manner import Manner
from fleet.memory import ENROLMENT, Grant, Remembered
from fleet.observation import Observation
from fleet.request import Progress, Request
from fleet.standing import Standing, State
from fleet.suspicion import Suspicion, SuspicionKind
from fleet.verdict import Decision, Verdict

TOLD = "as this run was told"
LIST = "the system's list of devices"
TOO_LATE = "cannot be rejected any more: it was let in; remove it in its system"


@dataclass(frozen=True)
class Case:
    """One device and everything that bears on it."""

    device: Device
    requests: tuple[Request, ...]
    remembered: Remembered
    desired: Desired
    observed: Observation
    evidence: Mapping[str, Evidence]  # by request key, of those that wait
    rulings: Mapping[tuple[str, str], Verdict]
    limits: Limits
    now: datetime

    def verdict(self, request: Request) -> Verdict:
        """What is to become of a request that waits: what a person decided, else the policy."""
        return verdict(self.evidence[request.key], self.desired, self.rulings)

    def hold(self, request: Request, verdict: Verdict) -> Hold:
        """The request, held for that reason."""
        evidence = self.evidence.get(request.key)
        return Hold(request, verdict.reason, self.device, evidence, verdict.would)

    @property
    def manner(self) -> Manner:
        """How the device's system brings devices in."""
        return self.desired.manner

    def stands(self, state: State, reason: str, request: Request | None = None) -> Standing:
        """The standing of this case's device."""
        return Standing(self.device, state, reason, request)


def verdict(
    evidence: Evidence, desired: Desired, rulings: Mapping[tuple[str, str], Verdict]
) -> Verdict:
    """What a person decided on a request that has not changed since; else what the policy says."""
    ruling = rulings and rulings.get((evidence.request_key, evidence.fingerprint))
    return ruling or desired.judge(evidence)


def judge(case: Case) -> Standing:
    """Where the device stands: the furthest that any of its requests has come decides."""
    if complaint := _complaint(case):
        return case.stands(State.FAILED, complaint)
    let_in = [r for r in case.requests if r.is_let_in]
    waiting = [r for r in case.requests if r.progress is Progress.WAITING]
    if let_in:
        current = max(let_in, key=lambda r: (_is_serving(case, r), r.age))
        return _alone(case, _after_approval(case, current), waiting, current)
    if case.desired.register_again and case.manner.exchanges:
        return _unseen(case)
    if waiting and case.manner.exchanges:
        return _without_code(case, waiting[-1])
    if waiting:
        return _at_the_door(case, waiting)
    if case.requests:
        return _turned_away(case, case.requests[-1])
    return _unseen(case)


def _complaint(case: Case) -> str:
    """What the device's line lacks for its system, and the mend; "" when nothing."""
    manner, device = case.manner, case.device
    if manner.needs_host_id and not device.host_id:
        return f"{manner.system} knows a device by its host id alone; give it in its line"
    if device.zero_touch and not manner.has_zero_touch:
        return f"{manner.system} has no zero-touch profiles; leave zero_touch empty in its line"
    return ""


def _is_serving(case: Case, request: Request) -> bool:
    return request.progress is Progress.PROVISIONED and request.device_id in case.observed.present


def _after_approval(case: Case, request: Request) -> Standing:
    if case.desired.decision is Decision.REJECT:
        return case.stands(State.FAILED, TOO_LATE, request)
    if request.key_held is False and case.remembered.was_decided(request.key):
        reason = f"let in, but its key was lost with the answer. {case.manner.lost_key_mend}"
        return case.stands(State.KEY_LOST, reason, request)
    if _is_serving(case, request):
        return _in_service(case, request)
    if request.progress is Progress.FAILED:
        return _failed(case, request)
    if case.manner.exchanges and request.message:
        reason = request.message
    elif request.progress is Progress.PROVISIONED:
        was_there = request.device_id in {case.remembered.confirmed_as} - {None}
        reason = f"provisioned, {'and no more' if was_there else 'but not yet'} in {LIST}"
    else:
        done = f"; last step: {request.steps[-1].name}" if request.steps else ""
        reason = f"approved and being provisioned{done}"
    return case.stands(State.PROVISIONING, reason, request)


def _in_service(case: Case, request: Request) -> Standing:
    proof = (
        "let in, as its system shows"
        if case.manner.exchanges
        else "provisioned and in the list of devices"
    )
    standing = case.stands(State.IN_SERVICE, proof, request)
    if case.remembered.confirmed_as == request.device_id:
        return standing
    return replace(standing, act=Confirm(case.device, request))


def _failed(case: Case, request: Request) -> Standing:
    why = f"provisioning failed: {request.message or request.status}"
    retries, limit = case.remembered.retries, case.limits.retries
    if refusal := case.remembered.refused.get(f"{Retry.word} {request.key}"):
        why = f"{why}; the retry was refused: {refusal}"
        return case.stands(State.FAILED, why, request)
    if retries >= limit:
        tries = f"; retried {'once' if retries == 1 else f'{retries} times'}" if retries else ""
        return case.stands(State.FAILED, f"{why}{tries}", request)
    standing = case.stands(State.PROVISIONING, f"{why}; retry {retries + 1} of {limit}", request)
    since = case.remembered.retried_at
    if since and case.now < since + case.limits.retry_gap * 2 ** (retries - 1):
        return standing
    return replace(standing, act=Retry(case.device, request, why))


def _at_the_door(case: Case, waiting: list[Request]) -> Standing:
    if case.desired.decision is Decision.REJECT:
        undecided = [r for r in waiting if not case.remembered.was_decided(r.key)]
        told = Verdict(Decision.REJECT, TOLD)
        return _decided(case, (undecided or waiting)[-1], told)  # whatever the code it asks by
    judged = [(request, case.verdict(request)) for request in waiting]
    denied = [(r, v) for r, v in judged if v.decision is Decision.REJECT]
    for request, verdict_ in denied:
        if not case.remembered.was_decided(request.key):
            return _to_be_rejected(case, request, verdict_)
    open_ = [(r, v) for r, v in judged if v.decision is not Decision.REJECT]
    fitting = [(r, v) for r, v in open_ if v.decision in {Decision.APPROVE, Decision.LEAVE}]
    fitting = [(r, v) for r, v in fitting if v.by] or fitting
    if denied and not open_:
        return _decided(case, *denied[-1])
    if not fitting:
        return _unfit(case, open_)
    if len({r.identity for r, v in fitting if not v.by}) > 1:
        several = Verdict(Decision.HOLD, "several machines ask in this device's name")
        return _held(case, [(r, several) for r, _ in open_])
    past = case.remembered
    begun = [(r, v) for r, v in fitting if r.key in past.approved | past.pending]
    newest, verdict_ = (begun or fitting)[-1]
    others = [r for r, _ in open_ if r is not newest]
    return _alone(case, _decided(case, newest, verdict_), others, newest)


def _to_be_rejected(case: Case, request: Request, verdict_: Verdict) -> Standing:
    reason = f"asked; it is to be rejected: {verdict_.reason}"
    standing = case.stands(State.WAITING, reason, request)
    return replace(standing, act=_rejection(case, request, verdict_))


def _rejection(case: Case, request: Request, verdict_: Verdict) -> Reject:
    """The act; with its evidence, unless that was recorded when a person decided."""
    evidence = None if verdict_.by else case.evidence.get(request.key)
    return Reject(case.device, request, verdict_.reason, evidence)


def _decided(case: Case, request: Request, verdict_: Verdict) -> Standing:
    """A request that was judged: approved, unless that was done, refused, or is not ours to do."""
    if standing := _decided_before(case, request):
        return standing
    if case.desired.decision is Decision.REJECT:
        return _to_be_rejected(case, request, Verdict(Decision.REJECT, TOLD))
    if case.device.zero_touch or verdict_.decision is Decision.LEAVE:
        return case.stands(State.WAITING, "asked; its zero-touch profile lets it in", request)
    asked = "registered" if case.manner.exchanges else "asked"
    standing = case.stands(State.WAITING, f"{asked}; {verdict_.reason}", request)
    evidence = None if verdict_.by else case.evidence.get(request.key)
    return replace(standing, act=Approve(case.device, request, verdict_.reason, evidence))


def _decided_before(case: Case, request: Request) -> Standing | None:
    """What came of an earlier decision on the request; None when there was none."""
    past = case.remembered
    if request.key in past.lost:
        reason = f"{past.lost[request.key]}. {case.manner.lost_key_mend}"
        return case.stands(State.KEY_LOST, reason, request)
    if request.key in past.refused:
        return case.stands(State.FAILED, f"refused: {past.refused[request.key]}", request)
    if request.key in past.approved:
        return case.stands(State.PROVISIONING, "approved; provisioning has not begun", request)
    if request.key in past.pending:
        reason = "asked; what was decided on it was not answered, and may still come to pass"
        return case.stands(State.WAITING, reason, request)
    if request.key in past.rejected:
        return case.stands(State.REJECTED, "rejected; its system has not noted it yet", request)
    return None


def _unfit(case: Case, waiting: list[tuple[Request, Verdict]]) -> Standing:
    """None of the requests fits: held, and enrolled all the same if that was never done."""
    held, unanswered = _held(case, waiting), _unanswered(case)
    if ENROLMENT in case.remembered.refused:
        return held
    if unanswered and case.now < unanswered.made_at + case.limits.doubt:
        return held
    if case.device.zero_touch or (case.remembered.grants and not unanswered):
        return held
    return replace(held, needs_enrolment=True, unanswered=unanswered)


def _unanswered(case: Case) -> Grant | None:
    """The last enrolment asked for, as long as it matters that nobody knows its outcome."""
    last = next(reversed(case.remembered.grants), None)
    open_ = last is not None and last.enrolment_id is None and case.now < last.wanted_expiry
    return last if open_ else None


def _held(case: Case, requests: list[tuple[Request, Verdict]]) -> Standing:
    holds = tuple(case.hold(request, verdict_) for request, verdict_ in requests)
    newest, verdict_ = requests[-1]
    return replace(case.stands(State.HELD, verdict_.reason, newest), holds=holds)


def _held_for(case: Case, request: Request, reason: str) -> Standing:
    return _held(case, [(request, Verdict(Decision.HOLD, reason))])


def _alone(case: Case, standing: Standing, others: list[Request], by: Request) -> Standing:
    """`standing`, with the device's other requests held, or rejected where that was decided."""
    holds: list[Hold] = []
    for request in others:
        found = case.verdict(request) if request.key in case.evidence else None
        if found and found.decision is Decision.REJECT:
            if standing.act is None and not case.remembered.was_decided(request.key):
                standing = replace(standing, act=_rejection(case, request, found))
            continue
        holds.append(_second(case, request, by))
    return replace(standing, holds=(*standing.holds, *holds))


def _second(case: Case, request: Request, by: Request) -> Hold:
    """A request beside one that was let in, or is to be."""
    reason = f"the device already asked as request {by.id}"
    evidence = case.evidence.get(request.key)
    if evidence:
        suspicions = (*evidence.suspicions, Suspicion(SuspicionKind.SECOND, reason))
        evidence = replace(evidence, suspicions=suspicions)
    return Hold(request, reason, case.device, evidence)


def _turned_away(case: Case, request: Request) -> Standing:
    if request.progress is Progress.REJECTED:
        system = case.manner.system
        reason = f"rejected; delete the request in {system} before the device can ask again"
        reason = request.message if case.manner.exchanges else reason
        return case.stands(State.REJECTED, reason, request)
    reason = request.message or "deactivated in its system; a person must say what is wanted"
    return _held_for(case, request, reason)


def _without_code(case: Case, request: Request) -> Standing:
    """Registered and not yet activated, and no code for it is held here."""
    unanswered = _unanswered(case)
    if unanswered is None:
        return _held_for(case, request, request.message)
    reason = "registered, but its code was lost with the answer; it is to get a new one"
    standing = case.stands(State.NOT_ENROLLED, reason)
    is_certain = case.now >= unanswered.made_at + case.limits.doubt
    return replace(standing, needs_enrolment=is_certain, unanswered=unanswered)


def _unseen(case: Case) -> Standing:
    """No request: in service all the same, waiting for one, or first in need of an enrolment."""
    if case.remembered.confirmed_as in case.observed.present and not case.requests:
        return _listed_alone(case)
    if case.desired.decision is Decision.REJECT:
        return case.stands(State.WAITING, "has not asked to be let in")
    if case.device.zero_touch:
        return case.stands(State.WAITING, _zero_touch_wait(case))
    if ENROLMENT in case.remembered.refused:
        return case.stands(State.FAILED, f"not enrolled: {case.remembered.refused[ENROLMENT]}")
    grants = case.remembered.grants
    if case.observed.truncated and case.manner.exchanges:
        return case.stands(State.HELD, "not shown in a list that ended at its limit; not touched")
    if not grants:
        return replace(case.stands(State.NOT_ENROLLED, "new on the roster"), needs_enrolment=True)
    if unanswered := _unanswered(case):
        standing = case.stands(State.NOT_ENROLLED, "nobody knows whether its enrolment was made")
        is_certain = case.now >= unanswered.made_at + case.limits.doubt
        return (
            replace(standing, needs_enrolment=True, unanswered=unanswered)
            if is_certain
            else standing
        )
    return _enrolled_before(case, grants[-1])


def _listed_alone(case: Case) -> Standing:
    """In service, and somebody deleted its request."""
    if case.desired.decision is Decision.REJECT:
        return case.stands(State.FAILED, TOO_LATE)
    reason = f"in the list of devices; {case.manner.system} has its request no more"
    return case.stands(State.IN_SERVICE, reason)


def _zero_touch_wait(case: Case) -> str:
    profile = case.observed.profile(case.device.zero_touch or "")
    if profile is None or profile.is_usable(case.now):
        return "has not asked yet; its zero-touch profile is ready"
    return "has not asked yet, and cannot: its zero-touch profile has expired or is used up"


def _enrolled_before(case: Case, grant: Grant) -> Standing:
    """Enrolled at some time: still good, or to be enrolled anew."""
    enrolment = case.observed.enrolment_by_id.get(grant.enrolment_id or "")
    if enrolment is not None and enrolment.is_usable(case.now) and case.manner.exchanges:
        return _exchangeable(case, enrolment)
    if enrolment is not None and enrolment.is_usable(case.now):
        reason = f"has not asked yet; boot it with the code ending in {enrolment.ending}"
        return case.stands(State.WAITING, reason)
    if enrolment is None and grant.enrolment_id and case.now < grant.made_at + case.limits.grace:
        return case.stands(State.WAITING, "has not asked yet; its enrolment is not yet listed")
    if enrolment is None:
        reason = "its enrolment is gone from the system"
    elif enrolment.free == 0 and case.manner.exchanges:
        reason = f"its {case.manner.enrolment} was used up"
    elif enrolment.free == 0:
        reason = f"other devices used up the code ending in {enrolment.ending}"
    else:
        reason = f"its code expired at {enrolment.expires_at:%Y-%m-%d %H:%M} UTC"
    return replace(case.stands(State.NOT_ENROLLED, reason), needs_enrolment=True)


def _exchangeable(case: Case, enrolment: Enrolment) -> Standing:
    """What lets the device in is held here: to be exchanged for its key, by us or by itself."""
    asked = Request(
        id=case.device.name,
        enrolment_id=enrolment.id,
        identity=case.device.identity,
        progress=Progress.WAITING,
        device=case.device.name,
    )
    if asked.key in case.remembered.approved:  # and yet it is not in: that key is good no more
        reason = (
            f"let in before by the {case.manner.enrolment} that is held; it is to get a new one"
        )
        return replace(case.stands(State.NOT_ENROLLED, reason), needs_enrolment=True)
    is_its_own = case.device.name in case.desired.self_activating
    if is_its_own and not case.remembered.was_decided(asked.key):
        until = f"{enrolment.expires_at:%Y-%m-%d %H:%M} UTC"
        reason = f"registered; hand out its code, by which it activates itself until {until}"
        return case.stands(State.WAITING, reason)
    held_here = f"its {case.manner.enrolment} is held here"
    return _decided(case, asked, Verdict(Decision.APPROVE, held_here))
