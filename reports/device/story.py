"""A device's story as people read it: a headline, how it stands now, and all that happened."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import singledispatch

from fleet.device.request import Request
from fleet.nightly.outlook import Outlook, utc
from fleet.nightly.rules import NightRules
from fleet.nightly.story import (
    NEVER,
    Decided,
    DeviceObservation,
    Enrolled,
    Event,
    Found,
    Held,
    Reached,
    Received,
    Reviewed,
    Story,
    Tried,
)
from reports.page.wording import clean, counted, plain

SHOWN = 500  # events; of more, the earliest are left out


class StoryReport:
    """One device's story and how each place shows it, to be told in Markdown or in plain text."""

    def __init__(
        self,
        story: Story,
        observations: Sequence[DeviceObservation],
        rules: NightRules,
        now: datetime,
    ) -> None:
        self.story = story
        self.observations = sorted(observations, key=_foremost)
        self._next = [
            str(Outlook(story, observation, rules, now)) for observation in self.observations
        ]

    @property
    def headline(self) -> str:
        """Where the device stands, why, and what happens next and when."""
        first, *others = self.observations
        message = (
            f"{self.story.device} of {self.story.site}: {_stands(first)}. Next: {self._next[0]}"
        )
        more = (f" Also by {_called(each)}: {_stands(each)}." for each in others)
        return clean(message + "".join(more))

    @property
    def not_checked(self) -> list[str]:
        """Where nobody could look."""
        return [
            _called(observation) for observation in self.observations if observation.status is None
        ]

    def markdown(self) -> str:
        """All of it for an artifact; what devices and people wrote does nothing there."""
        parts = [f"# {plain(self.story.device)} of {plain(self.story.site)}", plain(self.headline)]
        for place, facts in self._places():
            messages = [f"- **{label}**: {plain(text)}" for label, text in facts]
            parts += [f"## Now, by {plain(place)}", "\n".join(messages)]
        rows = [f"| {' | '.join(map(plain, row))} |" for row in self._rows()]
        table = ["| when | where | what | how |", "|---|---|---|---|", *rows]
        parts += ["## What happened (UTC)", *filter(None, [self._left_out]), "\n".join(table)]
        return "\n\n".join(parts)

    def lines(self) -> list[str]:
        """All of it for a terminal or a log, line by line."""
        messages = [self.headline]
        for place, facts in self._places():
            messages += ["", f"Now, by {clean(place)}"]
            messages += [f"  {label}: {clean(text)}" for label, text in facts]
        messages += ["", "What happened (UTC)", *filter(None, [self._left_out])]
        for when, where, what, how in self._rows():
            by = f" [{where}]" if len(self.observations) > 1 else ""
            messages.append(f"  {when}  {clean(f'{what}: {how}{by}')}")
        return messages

    def _places(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """What there is to say of each place; what is next at the first one, the headline says."""
        for number, observation in enumerate(self.observations):
            facts = [*_record(observation), *_shown(observation), *_step(observation)]
            facts += [("next", self._next[number])] if number else []
            held = [_held_secret(each) for each in self.story.secrets(observation.place)]
            yield _called(observation), [*facts, ("secrets held", "; ".join(held) or "none")]

    def _rows(self) -> list[tuple[str, str, str, str]]:
        by = {
            observation.place: observation.connection or observation.place
            for observation in self.observations
        }
        return [
            (f"{each.at:%Y-%m-%d %H:%M:%S}", by.get(each.place, each.place), *_message(each))
            for each in self.story.events[-SHOWN:]
        ]

    @property
    def _left_out(self) -> str:
        more = len(self.story.events) - SHOWN
        return f"{counted(more, 'earlier event')} left out." if more > 0 else ""


def _foremost(observation: DeviceObservation) -> tuple[bool, bool, float]:
    """Sort key: where a roster lists it and it was not retired, then where it changed last."""
    changed = observation.home.record.changed_at.timestamp() if observation.home else 0.0
    return not observation.is_listed, observation.is_retired, -changed


def _called(observation: DeviceObservation) -> str:
    place = f" ({observation.place})" if observation.place else ""
    return f"{observation.connection}{place}" if observation.connection else observation.place


def _stands(observation: DeviceObservation) -> str:
    """Its state and why; where nobody could look, as it was when somebody last did."""
    home, status = observation.home, observation.status
    last = f"{home.record.state.record.label} ({home.reason})" if home else ""
    if status is None:
        since = f". Since {utc(home.record.changed_at)} the ledger has: {last}" if home else ""
        return f"not checked: {observation.not_checked.strip().rstrip('.')}{since}"
    if home and observation.is_retired and not observation.finding:
        return last
    reason = observation.finding.reason if observation.finding else status.reason
    return f"{status.state.record.label} ({reason})"


def _record(observation: DeviceObservation) -> Iterator[tuple[str, str]]:
    """What our own record says of the device there."""
    if observation.home is None:
        yield "roster", "the ledger does not know it there"
        return
    record = observation.home.record
    device = record.device
    shows = [f"host id {device.host_id}"] if device.host_id else []
    shows += [f"MAC {mac}" for mac in device.macs]
    shows += [f"zero-touch profile {device.zero_touch}"] if device.zero_touch else []
    message = "listed" if record.is_listed else "on no roster any more"
    yield "roster", f"{message}; {', '.join(shows) or 'known by its name and code alone'}"
    yield (
        "ledger",
        f"{record.state.record.label} since {utc(record.changed_at)} ({observation.home.reason})",
    )


def _shown(observation: DeviceObservation) -> Iterator[tuple[str, str]]:
    """What the look showed."""
    status = observation.status
    if status is None or observation.observed is None:
        yield "its system", f"not checked: {observation.not_checked}"
        return
    at = f"{observation.observed:%Y-%m-%d %H:%M:%S} UTC"
    request = status.request
    if request is None:
        yield f"its system at {at}", "shows no request of it"
        return
    serving = "in its list of devices" if observation.is_serving else "not in its list of devices"
    yield f"its system at {at}", f"request {request.id}: {_said(request)}; {serving}"


def _step(observation: DeviceObservation) -> Iterator[tuple[str, str]]:
    """At which step of the pipeline it is, and which files to open for that."""
    if observation.step:
        files = f" ({', '.join(observation.modules)})" if observation.modules else ""
        yield "pipeline", f"{observation.step}: {observation.step.meaning}{files}"


def _said(request: Request) -> str:
    """A request, in its system's words and the device's own."""
    said = {
        "": request.status or request.progress.value,
        "it says": request.message,
        "calls itself": request.hostname,
        "shows": str(request.identity) if request.identity else "",
        "hardware": request.hardware,
        "version": request.version,
        "asked at": utc(request.asked_at) if request.asked_at else "",
        "last step": " ".join(f"{each.name} {each.status}" for each in request.steps[-1:]),
        "site": request.site or "",
    }
    return ", ".join(f"{label} {text}".strip() for label, text in said.items() if text)


def _held_secret(secret: Received) -> str:
    """That a secret is held, since and until when, and who has it; never what it is."""
    taken = [f"handed to {each.by} at {utc(each.at)}" for each in secret.takings]
    parts = [
        secret.kind,
        f"since {utc(secret.at)}",
        *_until(secret),
        *(taken or ["not handed over"]),
    ]
    return ", ".join(parts)


def _until(secret: Received) -> list[str]:
    if secret.expires_at is None or secret.expires_at.year >= NEVER:
        return []
    return [f"good until {utc(secret.expires_at)}"]


@singledispatch
def _message(event: Event) -> tuple[str, str]:
    """What an event is called, and how it was."""
    raise TypeError(type(event).__name__)


@_message.register
def _(event: Reached) -> tuple[str, str]:
    return "reached", event.stage


@_message.register
def _(event: Enrolled) -> tuple[str, str]:
    shared = f"for {counted(event.capacity, 'device')}"
    if event.adopted:
        return "enrolled", f"by one that somebody else had made, {shared}"
    return "enrolled", shared if event.is_known else f"{shared}; nobody knows whether it was made"


@_message.register
def _(event: Tried) -> tuple[str, str]:
    outcome = event.outcome or "not answered, so that nobody knows whether it happened"
    messages = [f"{outcome}: {event.detail}" if event.detail else outcome]
    messages += [f"why: {event.reason}"] if event.reason else []
    return event.action.record.phrase, "; ".join([*messages, f"run {event.run!r}"])


@_message.register
def _(event: Held) -> tuple[str, str]:
    whose = "" if event.is_own else " of something that calls itself so"
    said = [f"it calls itself {event.hostname}"] if event.hostname else []
    said += [f"it shows {event.identity}"] if event.identity else []
    return "held", f"request {event.request}{whose}: {'; '.join([event.reason, *said])}"


@_message.register
def _(event: Decided) -> tuple[str, str]:
    who = f"{event.by} would have, and was not let" if event.how == "shadow" else event.by
    needs = f"; {event.quorum} names are needed" if event.quorum > 1 else ""
    differs = f". Not as expected: {'; '.join(event.differs)}" if event.differs else ""
    message = f"request {event.request}, {who}: {event.reason}{needs}{differs}"
    return f"decision {event.number}: {event.decision}", message


@_message.register
def _(event: Reviewed) -> tuple[str, str]:
    names = f" by {event.names_needed} people" if event.names_needed > 1 else ""
    message = f"request {event.request}, until {utc(event.deadline)}{names}; why: {event.reason}"
    ended = f"ended {utc(event.closed_at)}: {event.closed_as}" if event.closed_at else "still open"
    return "put before people", f"{message}; {ended}"


@_message.register
def _(event: Found) -> tuple[str, str]:
    last = f", last {utc(event.last_action_at)}" if event.last_action_at else ""
    done = f"; acted on {counted(event.actions, 'time')}{last}" if event.actions else ""
    until = f"gone by {utc(event.ended_at)}" if event.ended_at else "still so"
    message = f"{event.reason}; last seen {utc(event.last_seen)}, {until}{done}"
    return f"found: {event.kind.record.label}", message


@_message.register
def _(event: Received) -> tuple[str, str]:
    return "secret received", ", ".join([event.kind, *_until(event)])
