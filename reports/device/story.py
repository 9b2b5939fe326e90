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
    Enrolled,
    Event,
    Found,
    Held,
    Reached,
    Received,
    Reviewed,
    Sight,
    Story,
    Tried,
)
from reports.page.wording import clean, counted, plain

SHOWN = 500  # events; of more, the earliest are left out


class Telling:
    """One device's story and how each place shows it, to be told in Markdown or in plain text."""

    def __init__(
        self, story: Story, sights: Sequence[Sight], rules: NightRules, now: datetime
    ) -> None:
        self.story = story
        self.sights = sorted(sights, key=_foremost)
        self._next = [str(Outlook(story, sight, rules, now)) for sight in self.sights]

    @property
    def headline(self) -> str:
        """Where the device stands, why, and what happens next and when."""
        first, *others = self.sights
        told = f"{self.story.device} of {self.story.site}: {_stands(first)}. Next: {self._next[0]}"
        more = (f" Also by {_called(each)}: {_stands(each)}." for each in others)
        return clean(told + "".join(more))

    @property
    def not_checked(self) -> list[str]:
        """Where nobody could look."""
        return [_called(sight) for sight in self.sights if sight.standing is None]

    def markdown(self) -> str:
        """All of it for an artifact; what devices and people wrote does nothing there."""
        parts = [f"# {plain(self.story.device)} of {plain(self.story.site)}", plain(self.headline)]
        for place, facts in self._places():
            told = [f"- **{label}**: {plain(text)}" for label, text in facts]
            parts += [f"## Now, by {plain(place)}", "\n".join(told)]
        rows = [f"| {' | '.join(map(plain, row))} |" for row in self._rows()]
        table = ["| when | where | what | how |", "|---|---|---|---|", *rows]
        parts += ["## What happened (UTC)", *filter(None, [self._left_out]), "\n".join(table)]
        return "\n\n".join(parts)

    def lines(self) -> list[str]:
        """All of it for a terminal or a log, line by line."""
        told = [self.headline]
        for place, facts in self._places():
            told += ["", f"Now, by {clean(place)}"]
            told += [f"  {label}: {clean(text)}" for label, text in facts]
        told += ["", "What happened (UTC)", *filter(None, [self._left_out])]
        for when, where, what, how in self._rows():
            by = f" [{where}]" if len(self.sights) > 1 else ""
            told.append(f"  {when}  {clean(f'{what}: {how}{by}')}")
        return told

    def _places(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """What there is to say of each place; what is next at the first one, the headline says."""
        for number, sight in enumerate(self.sights):
            facts = [*_record(sight), *_shown(sight), *_step(sight)]
            facts += [("next", self._next[number])] if number else []
            held = [_held_secret(each) for each in self.story.secrets(sight.place)]
            yield _called(sight), [*facts, ("secrets held", "; ".join(held) or "none")]

    def _rows(self) -> list[tuple[str, str, str, str]]:
        by = {sight.place: sight.connection or sight.place for sight in self.sights}
        return [
            (f"{each.at:%Y-%m-%d %H:%M:%S}", by.get(each.place, each.place), *_told(each))
            for each in self.story.events[-SHOWN:]
        ]

    @property
    def _left_out(self) -> str:
        more = len(self.story.events) - SHOWN
        return f"{counted(more, 'earlier event')} left out." if more > 0 else ""


def _foremost(sight: Sight) -> tuple[bool, bool, float]:
    """Sort key: where a roster lists it and it was not retired, then where it changed last."""
    changed = sight.home.kept.changed_at.timestamp() if sight.home else 0.0
    return not sight.is_listed, sight.is_retired, -changed


def _called(sight: Sight) -> str:
    place = f" ({sight.place})" if sight.place else ""
    return f"{sight.connection}{place}" if sight.connection else sight.place


def _stands(sight: Sight) -> str:
    """Its state and why; where nobody could look, as it was when somebody last did."""
    home, standing = sight.home, sight.standing
    last = f"{home.kept.state.value} ({home.reason})" if home else ""
    if standing is None:
        since = f". Since {utc(home.kept.changed_at)} the ledger has: {last}" if home else ""
        return f"not checked: {sight.not_checked.strip().rstrip('.')}{since}"
    if home and sight.is_retired and not sight.finding:
        return last
    return f"{standing.state.value} ({sight.finding.reason if sight.finding else standing.reason})"


def _record(sight: Sight) -> Iterator[tuple[str, str]]:
    """What our own record says of the device there."""
    if sight.home is None:
        yield "roster", "the ledger does not know it there"
        return
    kept = sight.home.kept
    device = kept.device
    shows = [f"host id {device.host_id}"] if device.host_id else []
    shows += [f"MAC {mac}" for mac in device.macs]
    shows += [f"zero-touch profile {device.zero_touch}"] if device.zero_touch else []
    told = "listed" if kept.is_listed else "on no roster any more"
    yield "roster", f"{told}; {', '.join(shows) or 'known by its name and code alone'}"
    yield "ledger", f"{kept.state.value} since {utc(kept.changed_at)} ({sight.home.reason})"


def _shown(sight: Sight) -> Iterator[tuple[str, str]]:
    """What the look showed."""
    standing = sight.standing
    if standing is None or sight.looked_at is None:
        yield "its system", f"not checked: {sight.not_checked}"
        return
    at = f"{sight.looked_at:%Y-%m-%d %H:%M:%S} UTC"
    request = standing.request
    if request is None:
        yield f"its system at {at}", "shows no request of it"
        return
    serving = "in its list of devices" if sight.is_serving else "not in its list of devices"
    yield f"its system at {at}", f"request {request.id}: {_said(request)}; {serving}"


def _step(sight: Sight) -> Iterator[tuple[str, str]]:
    """At which step of the pipeline it is, and which files to open for that."""
    if sight.step:
        files = f" ({', '.join(sight.modules)})" if sight.modules else ""
        yield "pipeline", f"{sight.step}: {sight.step.meaning}{files}"


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
def _told(event: Event) -> tuple[str, str]:
    """What an event is called, and how it was."""
    raise TypeError(type(event).__name__)


@_told.register
def _(event: Reached) -> tuple[str, str]:
    return "reached", event.stage


@_told.register
def _(event: Enrolled) -> tuple[str, str]:
    shared = f"for {counted(event.capacity, 'device')}"
    if event.adopted:
        return "enrolled", f"by one that somebody else had made, {shared}"
    return "enrolled", shared if event.is_known else f"{shared}; nobody knows whether it was made"


@_told.register
def _(event: Tried) -> tuple[str, str]:
    outcome = event.outcome or "not answered, so that nobody knows whether it happened"
    told = [f"{outcome}: {event.detail}" if event.detail else outcome]
    told += [f"why: {event.reason}"] if event.reason else []
    return event.act.record.phrase, "; ".join([*told, f"run {event.run!r}"])


@_told.register
def _(event: Held) -> tuple[str, str]:
    whose = "" if event.is_own else " of something that calls itself so"
    said = [f"it calls itself {event.hostname}"] if event.hostname else []
    said += [f"it shows {event.identity}"] if event.identity else []
    return "held", f"request {event.request}{whose}: {'; '.join([event.reason, *said])}"


@_told.register
def _(event: Decided) -> tuple[str, str]:
    who = f"{event.by} would have, and was not let" if event.how == "shadow" else event.by
    needs = f"; {event.quorum} names are needed" if event.quorum > 1 else ""
    differs = f". Not as expected: {'; '.join(event.differs)}" if event.differs else ""
    told = f"request {event.request}, {who}: {event.reason}{needs}{differs}"
    return f"decision {event.number}: {event.decision}", told


@_told.register
def _(event: Reviewed) -> tuple[str, str]:
    names = f" by {event.names_needed} people" if event.names_needed > 1 else ""
    told = f"request {event.request}, until {utc(event.deadline)}{names}; why: {event.reason}"
    ended = f"ended {utc(event.closed_at)}: {event.closed_as}" if event.closed_at else "still open"
    return "put before people", f"{told}; {ended}"


@_told.register
def _(event: Found) -> tuple[str, str]:
    last = f", last {utc(event.last_act_at)}" if event.last_act_at else ""
    done = f"; acted on {counted(event.acts, 'time')}{last}" if event.acts else ""
    until = f"gone by {utc(event.ended_at)}" if event.ended_at else "still so"
    told = f"{event.reason}; last seen {utc(event.last_seen)}, {until}{done}"
    return f"found: {event.kind.record.label}", told


@_told.register
def _(event: Received) -> tuple[str, str]:
    return "secret received", ", ".join([event.kind, *_until(event)])
