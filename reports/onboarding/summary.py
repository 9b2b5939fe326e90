"""The summary of a run: how many lines of the roster have which state."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.state.device_state import NEEDING_ATTENTION, ON_THEIR_WAY, State
from reports.onboarding.onboarding import (
    FAULTY_LINE,
    NOT_CHECKED,
    REPAIR_PROPOSED,
    OnboardingFacts,
)

ORDER = (
    *NEEDING_ATTENTION,
    FAULTY_LINE,
    REPAIR_PROPOSED,
    NOT_CHECKED,
    *ON_THEIR_WAY,
    State.IN_SERVICE.record.label,
)


@dataclass(frozen=True)
class Summary:
    """Lines by state, every state present and those that need attention first.

    The counts sum to `total`. `unknown_devices` are held requests that match no device: they
    have no roster line, and so no count includes them.
    """

    counts: Mapping[str, int]
    total: int
    unknown_devices: int

    @property
    def checked(self) -> int:
        """Lines of which something is known, so that it can be said how many are in service."""
        return self.total - self.counts[NOT_CHECKED]

    @property
    def in_service(self) -> int:
        """Lines whose device is in service."""
        return self.counts[State.IN_SERVICE.record.label]


def summary(facts: OnboardingFacts) -> Summary:
    """Headline counts of `facts`."""
    roster, assessment = facts.roster, facts.assessment
    states = {s.device.name: s.state.record.label for s in assessment.statuses}
    found = Counter(states.get(device.name, NOT_CHECKED) for device in roster.devices)
    found[FAULTY_LINE] = len(roster.faulty_lines)
    found[REPAIR_PROPOSED] = len(roster.proposed_lines)
    return Summary(
        counts={state: found[state] for state in ORDER},
        total=found.total(),
        unknown_devices=sum(hold.device is None for hold in assessment.holds),
    )
