"""An assessment: where every device of a site stands, and who else is at its door."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.action import Confirm, Hold
from fleet.desired import Desired
from fleet.enrolment import MARK_ROOM
from fleet.judging import Case, judge
from fleet.matching import match
from fleet.memory import Memory
from fleet.observation import Observation
from fleet.policy import Policy
from fleet.request import Progress
from fleet.standing import SETTLED, Standing, State

STRANGER = "it shows this site's code but is no device of its roster"


@dataclass(frozen=True)
class Assessment:
    """Standings in the roster's order, and the requests that wait for a person."""

    standings: tuple[Standing, ...]
    holds: tuple[Hold, ...]

    @property
    def is_settled(self) -> bool:
        """Whether waiting longer would change nothing for any device."""
        return all(standing.is_settled for standing in self.standings)

    @property
    def is_final(self) -> bool:
        """Whether everything would be settled once what is in service has been confirmed."""
        return all(
            s.state in SETTLED and not s.needs_enrolment and isinstance(s.act, Confirm | None)
            for s in self.standings
        )

    @property
    def counts(self) -> Counter[State]:
        """How many devices stand where."""
        return Counter(standing.state for standing in self.standings)


def assess(
    desired: Desired, observed: Observation, memory: Memory, policy: Policy, now: datetime
) -> Assessment:
    """Compare what should be with what is; a pure function, indifferent to order and repetition."""
    matching = match(desired.devices, observed, memory)
    cases = (
        Case(
            device=device,
            requests=matching.by_device.get(device.name, ()),
            remembered=memory.for_device(device),
            desired=desired,
            observed=observed,
            policy=policy,
            now=now,
        )
        for device in desired.devices
    )
    standings = tuple(_in_time(judge(case), case) for case in cases)
    holds = [hold for standing in standings for hold in standing.holds]
    strangers = matching.strangers if desired.is_whole_site else ()
    holds += [Hold(r, STRANGER) for r in strangers if r.progress is Progress.WAITING]
    holds += [
        Hold(request, f"it shows the identity of {' and '.join(names)}")
        for request, names in matching.disputed
        if request.progress is Progress.WAITING
    ]
    return Assessment(standings, tuple(holds))


def _in_time(standing: Standing, case: Case) -> Standing:
    """`standing`, but with no wish for a code that would have expired before it was made."""
    if not standing.needs_enrolment or case.now < case.desired.expires_at - MARK_ROOM:
        return standing
    reason = f"{standing.reason}; this run's codes are about to expire, run it again for new ones"
    return replace(standing, reason=reason, needs_enrolment=False, unanswered=None)
