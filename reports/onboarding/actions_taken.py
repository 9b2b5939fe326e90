"""Deeds: what one run did, in a sentence or two."""

from datetime import datetime

from fleet.device.times import Times
from reports.onboarding.onboarding import OnboardingFacts
from reports.page.wording import brief, counted, legible

# The stages whose times are ours, so that they can be compared with the run's own.
STAGES = {"enrolled": "enrolled", "confirmed": "confirmed in service"}


def actions_taken(facts: OnboardingFacts) -> str:
    """What the run looked at, and what it changed there."""
    lasted = brief((facts.ended_at - facts.started_at).total_seconds())
    return legible(
        f"In {lasted} this run read the roster and looked at {facts.system}. {_did(facts)}"
    )


def _did(facts: OnboardingFacts) -> str:
    if facts.dry_run:
        actions = sum(1 for device in facts.roster.devices if facts.planned.get(device.name))
        return f"It changed nothing. A real run would now act on {counted(actions, 'device')}."
    times = [facts.times.get(device.name, Times()) for device in facts.roster.devices]
    reached = {
        messages: sum(_within(facts, getattr(t, stage)) for t in times)
        for stage, messages in STAGES.items()
    }
    found = {"enrolled": reached.pop("enrolled"), **facts.done, **reached}
    messages = [f"{number:,} {remediation}" for remediation, number in found.items() if number]
    return (
        f"Devices brought forward by it: {', '.join(messages)}."
        if messages
        else "It changed nothing."
    )


def _within(facts: OnboardingFacts, instant: datetime | None) -> bool:
    return instant is not None and facts.started_at <= instant <= facts.ended_at
