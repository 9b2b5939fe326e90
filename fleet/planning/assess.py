"""Assess: the status of every device of a site, and the pending requests that match no device."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.action.action import Confirm, Hold, Reject
from fleet.admission.desired import Desired
from fleet.admission.evidence import Evidence
from fleet.admission.evidence_collection import EvidenceCollection
from fleet.device.enrollment import FINGERPRINT_ROOM
from fleet.device.request import Progress, Request
from fleet.state.by_record import by_record
from fleet.state.device_state import State
from fleet.state.match import match
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.status.admission_model import model_of
from fleet.status.case import Case, verdict
from fleet.status.judge import judge
from fleet.status.limits import Limits
from fleet.status.status import DeviceStatus
from fleet.system.clock import REMEDY


@dataclass(frozen=True)
class Assessment:
    """Statuses in the roster's order, and the requests that wait for a person.

    `rejections` concern requests of which no device of the roster is known. `usable` are the ids of
    the enrollments by which devices could still ask.
    """

    statuses: tuple[DeviceStatus, ...]
    holds: tuple[Hold, ...]
    rejections: tuple[Reject, ...] = ()
    usable: frozenset[str] = frozenset()

    @property
    def has_converged(self) -> bool:
        """Whether waiting longer would change nothing for any device."""
        return not self.rejections and all(status.has_converged for status in self.statuses)

    @property
    def is_final(self) -> bool:
        """Whether everything would be done once what is in service has been confirmed."""
        return not self.rejections and all(
            s.state.record.is_final
            and not s.needs_enrollment
            and isinstance(s.action, Confirm | None)
            for s in self.statuses
        )

    @property
    def counts(self) -> Counter[State]:
        """How many devices are in each state."""
        return Counter(status.state for status in self.statuses)


def assess(
    desired: Desired, observed: Observation, memory: Memory, limits: Limits, now: datetime
) -> Assessment:
    """Compare what should be with what is; a pure function, indifferent to order and repetition."""
    matching = match(desired.devices, observed, memory)
    recorded = by_record(desired.devices, observed, memory, matching)
    collection = EvidenceCollection(desired, observed, memory, matching)
    evidence = model_of(desired.system_profile).evidence(collection)
    cases = (
        Case(
            device=device,
            requests=matching.by_device.get(device.name, ()),
            remembered=memory.for_device(device),
            desired=desired,
            observed=observed,
            evidence=evidence,
            decisions=memory.decisions,
            limits=limits,
            now=now,
            strays=recorded.strays.get(device.name, ()),
            owners=recorded.owners,
        )
        for device in desired.devices
    )
    statuses = tuple(_in_time(judge(case), case) for case in cases)
    holds = [hold for status in statuses for hold in status.holds]
    unmatched = list(matching.unknown_devices) if desired.is_whole_site else []
    unmatched += [request for request, _ in matching.disputed]
    rejections, unclear = _unmatched(unmatched, evidence, desired, memory)
    decided, _ = _unmatched(collection.decided, evidence, desired, memory)
    there = now + observed.skew
    usable = frozenset(each.id for each in observed.enrollments if each.is_usable(there))
    return Assessment(statuses, (*holds, *unclear), (*rejections, *decided), usable)


def _unmatched(
    requests: Iterable[Request],
    evidence: Mapping[str, Evidence],
    desired: Desired,
    memory: Memory,
) -> tuple[list[Reject], list[Hold]]:
    """What becomes of requests that match no device: rejected, or held."""
    rejections: list[Reject] = []
    holds: list[Hold] = []
    for request in requests:
        known = evidence.get(request.key)
        if known is None or request.progress is not Progress.WAITING:
            continue
        found = verdict(known, desired, memory.decisions)
        if found.decision is not Decision.REJECT:
            holds.append(Hold(request, found.code, found.reason, None, known, found.would))
        elif not memory.of("").was_decided(request.key):
            rejections.append(Reject(None, request, found.reason, None if found.by else known))
    return rejections, holds


def _in_time(status: DeviceStatus, case: Case) -> DeviceStatus:
    """`status`, but with no wish for a code that would have expired before it was made.

    By either clock: that a run enrolls nobody, as one for a review, is ordered by ours.
    """
    latest = max(case.now, case.there)
    if not status.needs_enrollment or latest < case.desired.expires_at - FINGERPRINT_ROOM:
        return status
    reason = f"{status.reason}; this run's codes are about to expire, run it again for new ones"
    if case.clocks_differ:
        reason = f"{reason}. {case.clocks_differ}. {REMEDY}"
    return replace(
        status,
        code=ReasonCode.CODES_EXPIRE_SOON,
        reason=reason,
        needs_enrollment=False,
        unanswered=None,
    )
