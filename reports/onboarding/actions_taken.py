"""Actions taken: what one run did, in a few sentences."""

from datetime import datetime

from fleet.device.times import Times
from reports.onboarding.onboarding import OnboardingFacts
from reports.page.wording import brief, counted, legible

# Our own clock sets the times of these stages, so they compare with the run's.
STAGES = {"enrolled": "enrolled", "confirmed": "confirmed in service"}


def actions_taken(facts: OnboardingFacts) -> str:
    """What the run observed, and what it changed."""
    lasted = brief((facts.ended_at - facts.started_at).total_seconds())
    return legible(
        f"This run took {lasted}. It read the roster and observed {facts.system}. {_did(facts)} "
        f"{facts.relaxed}".rstrip()
    )


def _did(facts: OnboardingFacts) -> str:
    if facts.dry_run:
        actions = sum(1 for device in facts.roster.devices if facts.planned.get(device.name))
        return f"It changed nothing. A real run would change {counted(actions, 'device')}."
    times = [facts.times.get(device.name, Times()) for device in facts.roster.devices]
    reached = {
        label: sum(_within(facts, getattr(t, stage)) for t in times)
        for stage, label in STAGES.items()
    }
    found = {"enrolled": reached.pop("enrolled"), **facts.done, **reached}
    counts = [f"{number:,} {label}" for label, number in found.items() if number]
    return f"During it: {', '.join(counts)}." if counts else "It changed nothing."


def _within(facts: OnboardingFacts, instant: datetime | None) -> bool:
    return instant is not None and facts.started_at <= instant <= facts.ended_at
