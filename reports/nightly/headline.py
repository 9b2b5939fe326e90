"""The headline of a night, in counts and in about five sentences."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fleet.state.device_state import NEEDING_ATTENTION, ON_THEIR_WAY, State
from reports.nightly.facts import NightFacts, Past
from reports.nightly.trend import NOT_CHECKED, Place, as_past, by_place, night_of
from reports.page.wording import counted, legible

END_RUN = "end runs whose worker had died"
ORDER = (*NEEDING_ATTENTION, NOT_CHECKED, *ON_THEIR_WAY, State.IN_SERVICE.record.label)


@dataclass(frozen=True)
class Headline:
    """Devices by state, every state present, and what needs attention; the states sum to `total`.

    `changes` are those since the night before this one, by state, at the places that both checked;
    None when no earlier night is known. `since` names that night. `is_whole`: both nights checked
    every place; only then can what needs attention be compared. `kinds` are the kinds of what needs
    attention, the most frequent first.
    """

    states: Mapping[str, int]
    total: int
    needs_attention: int
    new: int
    others: int
    kinds: Mapping[str, int]
    changes: Mapping[str, int] | None
    needs_change: int | None
    is_whole: bool
    since: str

    @property
    def in_service(self) -> int:
        """Devices in service."""
        return self.states[State.IN_SERVICE.record.label]

    @property
    def not_checked(self) -> int:
        """Devices that the night could not observe."""
        return self.states[NOT_CHECKED]


def headline(facts: NightFacts) -> Headline:
    """The counts of that night."""
    tonight = as_past(facts)
    states = sum(by_place(tonight).values(), Counter[str]())
    last = facts.history[-1] if facts.history else None
    needing = [reported for reported in facts.reported if reported.needs_attention]
    is_whole = not (last and (last.not_checked or facts.not_checked or _blind(last, tonight)))
    before = last.needs_attention if last and is_whole else None
    return Headline(
        states={state: states[state] for state in ORDER},
        total=len(facts.devices),
        needs_attention=len(needing),
        new=sum(reported.is_new for reported in needing),
        others=len(facts.reported) - len(needing),
        kinds=dict(
            Counter(reported.finding.kind.record.label for reported in needing).most_common()
        ),
        changes=_changes(last, tonight) if last else None,
        needs_change=None if before is None else len(needing) - before,
        is_whole=is_whole,
        since=_since(last, facts) if last else "",
    )


def sentences(facts: NightFacts) -> list[str]:
    """The night in about five sentences: devices, needs, actions, what was checked, decisions."""
    counts = headline(facts)
    needs = "Nothing needs attention."
    if counts.needs_attention:
        verb = "needs" if counts.needs_attention == 1 else "need"
        kinds = "\u00a0· ".join(f"{number:,} {kind}" for kind, number in counts.kinds.items())
        needs = (
            f"{counted(counts.needs_attention, 'item')} {verb} attention{_new(counts)}: {kinds}."
        )
    if counts.others:
        verb = "needs" if counts.others == 1 else "need"
        needs += f" {counted(counts.others, 'other finding')} {verb} no attention yet."
    return [in_service(counts), needs, did(facts), checked(facts), decided(facts)]


def in_service(counts: Headline) -> str:
    """How many of the checked devices are in service."""
    seen = counts.total - counts.not_checked
    if not counts.total:
        return "No roster lists a device yet."
    if not seen:
        return f"None of {counted(counts.total, 'device')} could be checked."
    which = counted(seen, "checked device" if counts.not_checked else "device")
    all_of_them = counts.in_service == seen > 1
    text = f"All {which}" if all_of_them else f"{counts.in_service:,} of {which}"
    is_one = seen == 1 or counts.in_service == 1
    text += " is in service" if is_one else " are in service"
    if counts.changes is None:
        return f"{text}."
    change = counts.changes.get(State.IN_SERVICE.record.label, 0)
    compared = f"{'up' if change > 0 else 'down'} {abs(change):,}" if change else "unchanged"
    where = "" if counts.is_whole else ", counting only what both nights checked"
    return f"{text}, {compared} since {counts.since}{where}."


def did(facts: NightFacts) -> str:
    """What was done, and how much of it failed."""
    if facts.dry_run:
        would = _numbered(each.action.record.label for each in facts.planned)
        text = f"A real run would: {would}." if would else "A real run would change nothing either."
        return f"Dry run: nothing was changed. {text}"
    dead = f" {ended(facts)}" if facts.ended_runs else ""
    if not facts.done:
        return f"Nothing had to be done.{dead}"
    failed = sum(not done.is_done for done in facts.done)
    text = (
        f"{counted(len(facts.done), 'action')} {'was' if len(facts.done) == 1 else 'were'} taken: "
        f"{_numbered(done.action.record.label for done in facts.done)}"
    )
    return f"{text}; {failed:,} failed.{dead}" if failed else f"{text}.{dead}"


def ended(facts: NightFacts) -> str:
    """How many runs whose worker had died were ended."""
    were = "was" if len(facts.ended_runs) == 1 else "were"
    return f"{counted(len(facts.ended_runs), 'run')} whose worker had died {were} ended."


def checked(facts: NightFacts) -> str:
    """What was not checked, and which nights were missed."""
    text = "Everything was checked."
    if facts.not_checked:
        devices = headline(facts).not_checked
        text = f"Not checked: {', '.join(map(legible, sorted(facts.not_checked)))}"
        text += f" ({counted(devices, 'device')})."
    if facts.missed:
        nights = ", ".join(night.isoformat() for night in sorted(facts.missed)[-5:])
        earlier = f" and {len(facts.missed) - 5:,} earlier" if len(facts.missed) > 5 else ""
        text += f" {counted(len(facts.missed), 'night')} missed: {nights}{earlier}."
    return text


def decided(facts: NightFacts) -> str:
    """How many decisions there were."""
    number = len(facts.decisions)
    if not number:
        return "No decisions were made."
    return f"{counted(number, 'decision')} {'was' if number == 1 else 'were'} made."


def _changes(last: Past, tonight: Past) -> Mapping[str, int]:
    """By state, the change since last night, at the places that both nights checked."""
    before, now = by_place(last), by_place(tonight)
    blind, changes = _blind(last, tonight), Counter[str]()
    for place in {*before, *now} - blind:
        changes.update(now.get(place, Counter()))
        changes.subtract(before.get(place, Counter()))
    for night, sign in ((now, 1), (before, -1)):
        changes[NOT_CHECKED] += sign * sum(states[NOT_CHECKED] for states in night.values())
    return changes


def _blind(*nights: Past) -> set[Place]:
    """The places that any of those nights could not check."""
    return {
        place
        for night in nights
        for place, states in by_place(night).items()
        if states[NOT_CHECKED]
    }


def _since(last: Past, facts: NightFacts) -> str:
    night = night_of(last.started_at, facts.zone)
    yesterday = night_of(facts.started_at, facts.zone) - timedelta(days=1)
    return "last night" if night >= yesterday else f"{night}"


def _new(counts: Headline) -> str:
    if counts.new == counts.needs_attention:
        return ", new" if counts.new == 1 else ", all of them new"
    return f", {counts.new:,} of them new" if counts.new else ", none of them new"


def _numbered(names: Iterable[str]) -> str:
    """Each of `names` with its number, the most frequent first."""
    counts = Counter(map(legible, names)).most_common()
    return ", ".join(f"{number:,} × {name}" for name, number in counts)
