"""Groups for the night's page: findings that share a remedy, actions, and what was not checked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.nightly.facts import NightFacts
from reports.nightly.headline import END_RUN
from reports.page.wording import counted, legible

NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one kind with one remedy, in the order of their table."""

    kind: str
    remedy: str
    rows: Sequence[Mapping[Any, Any]]

    @property
    def new(self) -> int:
        """How many were not found last night."""
        return sum(row["is_new"] for row in self.rows)


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions of one kind with one result at one place, and some of their devices."""

    label: str
    is_done: bool
    result: str
    place: str
    count: int
    names: str


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A connection, or a site by one, that was not checked; why; its devices' last known states."""

    what: str
    reason: str
    devices: str


def finding_groups(findings: Sequence[Mapping[Any, Any]], most: int) -> list[FindingGroup]:
    """The first `most` rows of the table of findings, grouped."""
    groups: dict[tuple[str, str], list[Mapping[Any, Any]]] = {}
    for row in findings[:most]:
        groups.setdefault((row["kind"], row["remedy"]), []).append(row)
    return [FindingGroup(*key, rows) for key, rows in groups.items()]


def unchecked(facts: NightFacts) -> Iterator[Unchecked]:
    """Everything that was not checked, by name."""
    for what, why in sorted(facts.not_checked.items()):
        states = Counter(
            s.state.record.label
            for s in facts.devices
            if what in (s.connection, f"{s.site} by {s.connection}")
        )
        known = ", ".join(f"{number:,} {state}" for state, number in states.most_common())
        total = counted(states.total(), "device")
        devices = f"Its {total}, as last known: {known}." if known else ""
        yield Unchecked(legible(what), legible(why), devices)


def done(facts: NightFacts) -> list[ActionGroup]:
    """What was done, grouped; what failed comes first."""
    groups: dict[tuple[bool, str, str, str, str], list[str]] = {}
    for each in facts.done:
        key = (each.is_done, each.result, each.action.record.label, each.site, each.connection)
        groups.setdefault(key, []).append(each.device)
    in_order = sorted(groups.items())
    actions = [
        ActionGroup(label, is_done, legible(result), _place(site, by), len(names), _names(names))
        for (is_done, result, label, site, by), names in in_order
    ]
    if facts.ended_runs:
        names = _names(facts.ended_runs)
        actions.append(ActionGroup(END_RUN, True, "done", "Prefect", len(facts.ended_runs), names))
    return actions


def planned(facts: NightFacts) -> list[ActionGroup]:
    """What a real run would do, grouped."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in facts.planned:
        key = (each.action.record.label, each.site, each.connection)
        groups.setdefault(key, []).append(each.device)
    return [
        ActionGroup(label, False, "", _place(site, by), len(names), _names(names))
        for (label, site, by), names in sorted(groups.items())
    ]


def _place(site: str, connection: str) -> str:
    return legible(f"{site} · {connection}" if connection else site)


def _names(names: Sequence[str]) -> str:
    """Some of them, and how many more there are."""
    shown, more = ", ".join(names[:NAMES_SHOWN]), len(names) - NAMES_SHOWN
    return legible(f"{shown} and {more:,} more" if more > 0 else shown)
