"""The events of a device's story in words: what each is called, and its details."""

from functools import singledispatch

from fleet.admission.review import UNPROVED
from fleet.nightly.outlook import utc
from fleet.nightly.story import (
    NEVER,
    Decided,
    Enrolled,
    Event,
    Found,
    Held,
    Reached,
    Received,
    Reviewed,
    Tried,
)
from reports.page.wording import counted


@singledispatch
def described(event: Event) -> tuple[str, str]:
    """What an event is called, and its details."""
    raise TypeError(type(event).__name__)


@described.register
def _(event: Reached) -> tuple[str, str]:
    return "reached", event.stage


@described.register
def _(event: Enrolled) -> tuple[str, str]:
    capacity = f"for {counted(event.capacity, 'device')}"
    if event.adopted:
        return "enrolled", f"with an existing enrollment, {capacity}"
    return "enrolled", capacity if event.is_known else f"{capacity}; outcome unknown"


@described.register
def _(event: Tried) -> tuple[str, str]:
    outcome = event.outcome or "no answer, so the outcome is unknown"
    details = [f"{outcome}: {event.detail}" if event.detail else outcome]
    details += [f"reason: {event.reason}"] if event.reason else []
    return event.action.record.phrase, "; ".join([*details, f"run {event.run!r}"])


@described.register
def _(event: Held) -> tuple[str, str]:
    whose = "" if event.is_own else " of an unknown device with this name"
    details = [event.reason]
    details += [f"hostname {event.hostname}"] if event.hostname else []
    details += [event.identity] if event.identity else []
    return "held", f"request {event.request}{whose}: {'; '.join(details)}"


@described.register
def _(event: Decided) -> tuple[str, str]:
    if event.how == "order":
        return f"order {event.number}: {event.decision}", f"{event.by}: {event.reason}"
    by = {
        "shadow": f"{event.by} (in shadow mode, not enforced)",
        "person": f"{event.by} ({_proof(event)})",
    }.get(event.how, event.by)
    quorum = f"; needs {event.quorum} people" if event.quorum > 1 else ""
    differs = f". Not as expected: {'; '.join(event.differs)}" if event.differs else ""
    details = f"request {event.request}, {by}: {event.reason}{quorum}{differs}"
    return f"decision {event.number}: {event.decision}", details


def _proof(event: Decided) -> str:
    """What proves who decided."""
    return f"enrolled, by digits of {utc(event.proved_at)}" if event.proved_at else UNPROVED


@described.register
def _(event: Reviewed) -> tuple[str, str]:
    quorum = f", needs {event.names_needed} people" if event.names_needed > 1 else ""
    asked = f"request {event.request}, until {utc(event.deadline)}{quorum}; reason: {event.reason}"
    ended = f"ended {utc(event.closed_at)}: {event.closed_as}" if event.closed_at else "still open"
    return "review", f"{asked}; {ended}"


@described.register
def _(event: Found) -> tuple[str, str]:
    last = f", last {utc(event.last_action_at)}" if event.last_action_at else ""
    done = f"; {counted(event.actions, 'action')}{last}" if event.actions else ""
    until = f"over by {utc(event.ended_at)}" if event.ended_at else "still so"
    details = f"{event.reason}; last seen {utc(event.last_seen)}, {until}{done}"
    return f"found: {event.kind.record.label}", details


@described.register
def _(event: Received) -> tuple[str, str]:
    return "secret received", ", ".join([event.kind, *_expiry(event)])


def held_secret(secret: Received) -> str:
    """Since and until when a secret is held, and who has it; never its value."""
    taken = [f"handed to {each.by} at {utc(each.at)}" for each in secret.takings]
    since = f"since {utc(secret.at)}"
    return ", ".join([secret.kind, since, *_expiry(secret), *(taken or ["not handed over"])])


def _expiry(secret: Received) -> list[str]:
    if secret.expires_at is None or secret.expires_at.year >= NEVER:
        return []
    return [f"valid until {utc(secret.expires_at)}"]
