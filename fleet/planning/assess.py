"""Assess: the status of every device of a site, and the pending requests that are nobody's."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.action.action import Confirm, Hold, Reject
from fleet.admission.desired import Desired
from fleet.admission.evidence import Evidence
from fleet.admission.evidence_collection import Door
from fleet.device.enrollment import MARK_ROOM
from fleet.device.request import Progress, Request
from fleet.state.device_state import State
from fleet.state.match import match
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.state.verdict import Decision
from fleet.status.admission_model import model_of
from fleet.status.case import Case, verdict
from fleet.status.judge import judge
from fleet.status.limits import Limits
from fleet.status.status import Standing


@dataclass(frozen=True)
class Assessment:
    """Standings in the roster's order, and the requests that wait for a person.

    `rejections` concern requests of which no device of the roster is known.
    """

    standings: tuple[Standing, ...]
    holds: tuple[Hold, ...]
    rejections: tuple[Reject, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether waiting longer would change nothing for any device."""
        return not self.rejections and all(standing.is_settled for standing in self.standings)

    @property
    def is_final(self) -> bool:
        """Whether everything would be settled once what is in service has been confirmed."""
        return not self.rejections and all(
            s.state.record.is_final and not s.needs_enrolment and isinstance(s.act, Confirm | None)
            for s in self.standings
        )

    @property
    def counts(self) -> Counter[State]:
        """How many devices stand where."""
        return Counter(standing.state for standing in self.standings)


def assess(
    desired: Desired, observed: Observation, memory: Memory, limits: Limits, now: datetime
) -> Assessment:
    """Compare what should be with what is; a pure function, indifferent to order and repetition."""
    matching = match(desired.devices, observed, memory)
    door = Door(desired, observed, memory, matching)
    evidence = model_of(desired.manner).evidence(door)
    cases = (
        Case(
            device=device,
            requests=matching.by_device.get(device.name, ()),
            remembered=memory.for_device(device),
            desired=desired,
            observed=observed,
            evidence=evidence,
            rulings=memory.rulings,
            limits=limits,
            now=now,
        )
        for device in desired.devices
    )
    standings = tuple(_in_time(judge(case), case) for case in cases)
    holds = [hold for standing in standings for hold in standing.holds]
    nobodys = list(matching.strangers) if desired.is_whole_site else []
    nobodys += [request for request, _ in matching.disputed]
    rejections, unclear = _nobodys(nobodys, evidence, desired, memory)
    ruled, _ = _nobodys(door.ruled, evidence, desired, memory)
    return Assessment(standings, (*holds, *unclear), (*rejections, *ruled))


def _nobodys(
    requests: Iterable[Request],
    evidence: Mapping[str, Evidence],
    desired: Desired,
    memory: Memory,
) -> tuple[list[Reject], list[Hold]]:
    """What becomes of requests of which no device is known: turned away, or held."""
    rejections: list[Reject] = []
    holds: list[Hold] = []
    for request in requests:
        known = evidence.get(request.key)
        if known is None or request.progress is not Progress.WAITING:
            continue
        found = verdict(known, desired, memory.rulings)
        if found.decision is not Decision.REJECT:
            holds.append(Hold(request, found.reason, None, known, found.would))
        elif not memory.of("").was_decided(request.key):
            rejections.append(Reject(None, request, found.reason, None if found.by else known))
    return rejections, holds


def _in_time(standing: Standing, case: Case) -> Standing:
    """`standing`, but with no wish for a code that would have expired before it was made."""
    if not standing.needs_enrolment or case.now < case.desired.expires_at - MARK_ROOM:
        return standing
    reason = f"{standing.reason}; this run's codes are about to expire, run it again for new ones"
    return replace(standing, reason=reason, needs_enrolment=False, unanswered=None)
