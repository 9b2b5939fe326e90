"""A device's story as people read it: a headline, how it stands now, and all that happened."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import singledispatch

from fleet.night_rules import NightRules
from fleet.story import (
    NEVER,
    Decided,
    Enrolled,
    Event,
    Found,
    HandedOver,
    Held,
    Outlook,
    Reached,
    Received,
    Reviewed,
    Sight,
    Story,
    Tried,
)
from reports.review import plain
from reports.wording import counted, legible

SHOWN = 500  # events; of more, the earliest are left out

_LINKING = re.compile(r":(?=//)|@|(?<=www)\.", re.IGNORECASE)  # Markdown makes links of these


class Telling:
    """One device's story and how each place shows it, to be told in Markdown or in plain text."""

    def __init__(
        self, story: Story, sights: Sequence[Sight], rules: NightRules, now: datetime
    ) -> None:
        self.story, self.now = story, now
        self.sights = sorted(sights, key=_foremost)
        self._outlooks = {id(s): str(Outlook(story, s, rules, now)) for s in self.sights}

    @property
    def headline(self) -> str:
        """Where the device stands, why, and what happens next and when."""
        who = f"{self.story.device} of {self.story.site}"
        if not self.sights:
            return clean(f"{who}: our record names no system for it, so nobody could look.")
        first, *others = self.sights
        told = f"{who}: {_stands(first)}. Next: {self._outlook(first)}"
        more = "".join(f" Also at {each.place}: {_stands(each)}." for each in others)
        return clean(f"{told}{more}")

    def markdown(self) -> str:
        """All of it for an artifact; what devices and people wrote does nothing there."""
        parts = [f"# {safe(self.story.device)} of {safe(self.story.site)}", safe(self.headline)]
        parts.append("## Now")
        for sight in self.sights:
            facts = [f"- {label}: {safe(text)}" for label, text in self._facts(sight)]
            parts += [f"### {safe(_called(sight))}", "\n".join(facts)]
        parts.append("## What happened (UTC)")
        rows = [f"| {' | '.join(map(safe, row))} |" for row in self._rows()]
        table = ["| when | where | what | how |", "|---|---|---|---|", *rows]
        parts.append("\n".join(table) if rows else "Nothing is written of it.")
        if left_out := self._left_out:
            parts.append(left_out)
        return "\n\n".join(parts)

    def lines(self) -> list[str]:
        """All of it for a terminal or a log, line by line."""
        told = [self.headline, "", "Now"]
        for sight in self.sights:
            told += [f"  {_called(sight)}"]
            told += [f"    {label}: {text}" for label, text in self._facts(sight)]
        told += ["", "What happened (UTC)"]
        told += [self._left_out] if self._left_out else []
        told += [f"  {when}  {what}: {how}  [{where}]" for when, where, what, how in self._rows()]
        return [_indented(line) for line in told]

    def _outlook(self, sight: Sight) -> str:
        text = self._outlooks[id(sight)]
        return f"{text[:1].lower()}{text[1:]}"

    def _facts(self, sight: Sight) -> Iterator[tuple[str, str]]:
        """What there is to say of one place."""
        yield from _record(sight)
        yield from _shown(sight)
        if sight.standing is not None:
            yield "planned", sight.planned or "nothing"
        yield "next", self._outlooks[id(sight)]
        held = [_held_secret(each) for each in self.story.secrets(sight.place)]
        yield "secrets held", "; ".join(held) or "none"

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (f"{event.at:%Y-%m-%d %H:%M:%S}", event.place, *_told(event))
            for event in self.story.events[-SHOWN:]
        ]

    @property
    def _left_out(self) -> str:
        more = len(self.story.events) - SHOWN
        return f"{counted(more, 'earlier event')} left out." if more > 0 else ""


def clean(text: str) -> str:
    """`text` in one line that neither moves a cursor nor turns what is read."""
    return "".join(c for c in " ".join(legible(text).split()) if c.isprintable())


def safe(text: str) -> str:
    """`text`, some of which devices chose, so that Markdown shows it and links to nothing."""
    return _LINKING.sub(r"\\\g<0>", plain(clean(text)))


def _indented(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" "))) + clean(line)


def _foremost(sight: Sight) -> tuple[bool, bool, float]:
    """Sort key: where a roster lists it and it was not retired, then where it changed last."""
    changed = sight.home.kept.changed_at.timestamp() if sight.home else 0.0
    return not sight.is_listed, sight.is_retired, -changed


def _called(sight: Sight) -> str:
    return f"{sight.place} ({sight.connection})" if sight.connection else sight.place


def _stands(sight: Sight) -> str:
    """Its state and why; where nobody could look, as it was when somebody last did."""
    home, standing = sight.home, sight.standing
    if home and (standing is None or sight.is_retired):
        told = f"{home.kept.state.value} ({home.reason})"
        if standing is not None:
            return told
        when = f"{home.kept.changed_at:%Y-%m-%d %H:%M} UTC"
        return f"not checked: {_sentence(sight.not_checked)}. Since {when} our record has: {told}"
    if standing is None:
        return f"not checked: {_sentence(sight.not_checked)}"
    return f"{standing.state.value} ({standing.reason})"


def _sentence(text: str) -> str:
    return text.strip().rstrip(".")


def _record(sight: Sight) -> Iterator[tuple[str, str]]:
    """What our own record says of the device there."""
    if sight.home is None:
        yield "roster", "our record does not know it there"
        return
    kept = sight.home.kept
    device = kept.device
    shows = [f"host id {device.host_id}"] if device.host_id else []
    shows += [f"MAC {mac}" for mac in device.macs]
    shows += [f"zero-touch profile {device.zero_touch}"] if device.zero_touch else []
    told = "listed" if kept.is_listed else "on no roster any more"
    yield "roster", f"{told}; {', '.join(shows) or 'known by its name and code alone'}"
    since = f"{kept.changed_at:%Y-%m-%d %H:%M:%S} UTC"
    yield "our record", f"{kept.state.value} since {since} ({sight.home.reason})"


def _shown(sight: Sight) -> Iterator[tuple[str, str]]:
    """What the look showed."""
    standing = sight.standing
    if standing is None or sight.looked_at is None:
        yield "its system", f"not checked: {sight.not_checked}"
        return
    yield "now", f"{standing.state.value} ({standing.reason})"
    at = f"{sight.looked_at:%Y-%m-%d %H:%M:%S} UTC"
    request = standing.request
    if request is None:
        yield "its system", f"shows no request of it (at {at})"
        return
    said = {
        "": request.status or request.progress.value,
        "it says": request.message,
        "calls itself": request.hostname,
        "shows": str(request.identity) if request.identity else "",
        "hardware": request.hardware,
        "version": request.version,
        "asked at": f"{request.asked_at:%Y-%m-%d %H:%M:%S} UTC" if request.asked_at else "",
        "last step": " ".join((s.name + " " + s.status) for s in request.steps[-1:]),
        "site": request.site or "",
    }
    facts = ", ".join(f"{label} {text}".strip() for label, text in said.items() if text)
    serving = "in its list of devices" if sight.is_serving else "not in its list of devices"
    yield "its system", f"request {request.id}: {facts}; {serving} (at {at})"


def _held_secret(secret: Received) -> str:
    """That a secret is held, since and until when, and who has it; never what it is."""
    taken = [f"handed to {each.by} at {each.at:%Y-%m-%d %H:%M} UTC" for each in secret.takings]
    since = f"since {secret.at:%Y-%m-%d %H:%M} UTC"
    return ", ".join([secret.kind, since, *_terms(secret), *(taken or ["not handed over"])])


def _terms(secret: Received) -> list[str]:
    shared = ["shared with others"] if secret.is_shared else []
    if secret.expires_at is None or secret.expires_at.year >= NEVER:
        return shared
    return [f"good until {secret.expires_at:%Y-%m-%d %H:%M} UTC", *shared]


@singledispatch
def _told(event: Event) -> tuple[str, str]:
    """What an event is called, and how it was."""
    raise TypeError(type(event).__name__)


@_told.register
def _(event: Reached) -> tuple[str, str]:
    return "reached", event.stage


@_told.register
def _(event: Enrolled) -> tuple[str, str]:
    mark = f"marked {event.mark:%Y-%m-%d %H:%M:%S}.{event.mark.microsecond // 1000:03} UTC"
    shared = f"for {counted(event.shared_by, 'device')}"
    if event.adopted:
        return "enrolled", f"by one that somebody else had made, {shared}"
    known = "" if event.is_known else "; nobody knows whether it was made"
    return "enrolled", f"{shared}, {mark}{known}"


@_told.register
def _(event: Tried) -> tuple[str, str]:
    outcome = event.outcome or "not answered, so that nobody knows whether it happened"
    detail = f", {event.detail}" if event.detail else ""
    when = f" at {event.settled_at:%H:%M:%S}" if event.settled_at else ""
    because = f" because {event.reason}" if event.reason else ""
    return event.act.removesuffix(" of"), f"{outcome}{when}{detail}{because} (run {event.run!r})"


@_told.register
def _(event: Held) -> tuple[str, str]:
    said = [f"it calls itself {event.hostname}"] if event.hostname else []
    said += [f"it shows {event.identity}"] if event.identity else []
    return "held", f"request {event.request}: {'; '.join([event.reason, *said])}"


@_told.register
def _(event: Decided) -> tuple[str, str]:
    who = f"{event.by} would have, and was not let" if event.how == "shadow" else event.by
    needs = f"; {event.quorum} names are needed" if event.quorum > 1 else ""
    differs = f". Not as expected: {'; '.join(event.differs)}" if event.differs else ""
    told = f"request {event.request}, {who}: {event.reason}{needs}{differs}"
    return f"decision {event.number}: {event.decision}", told


@_told.register
def _(event: Reviewed) -> tuple[str, str]:
    until = f"{event.deadline:%Y-%m-%d %H:%M} UTC"
    names = f" by {event.names_needed} people" if event.names_needed > 1 else ""
    ended = "; still open"
    if event.closed_at:
        ended = f"; ended {event.closed_at:%Y-%m-%d %H:%M}: {event.closed_as}"
    told = f"request {event.request}, until {until}{names}, held because {event.reason}"
    return "put before people", f"{told}{ended}"


@_told.register
def _(event: Found) -> tuple[str, str]:
    last = f", last {event.last_act_at:%Y-%m-%d %H:%M}" if event.last_act_at else ""
    done = f"; something was done {counted(event.acts, 'time')}{last}" if event.acts else ""
    until = f"gone by {event.ended_at:%Y-%m-%d %H:%M}" if event.ended_at else "still so"
    seen = f"last seen {event.last_seen:%Y-%m-%d %H:%M}, {until}"
    return f"found: {event.kind}", f"{event.reason}; {seen}{done}"


@_told.register
def _(event: Received) -> tuple[str, str]:
    return "secret received", ", ".join([event.kind, *_terms(event)])


@_told.register
def _(event: HandedOver) -> tuple[str, str]:
    told = f"{', '.join(event.kinds)} to {event.by}, locked for {event.recipient}"
    return "handed over", f"{told}, in {event.file_name}"
