"""The night's page: one self-contained HTML file that needs no network and no script."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup, escape

from fleet.nightly.catalog import FINDING_KINDS
from fleet.state.device_state import STATE_TONES
from fleet.text.tone import Tone
from reports.nightly.charts import charts
from reports.nightly.facts import NightFacts
from reports.nightly.frames import (
    decisions_frame,
    findings_frame,
    night_causes,
    quotas_frame,
    sites_frame,
)
from reports.nightly.headline import END_RUN, headline, sentences
from reports.nightly.stages import stages_frame
from reports.nightly.trend import NOT_CHECKED, night_of, trend_frame
from reports.page.template import environment, shares
from reports.page.wording import brief, counted, legible

NEEDS_SHOWN, OTHERS_SHOWN, SITES_SHOWN, ROWS_SHOWN = 200, 100, 200, 50
NAMES_SHOWN = 8
HOUR, DAY = 3600, 86_400
FINGERPRINTS = {
    "1 s": 1,
    "1 min": 60,
    "1 h": HOUR,
    "1 d": DAY,
    "10 d": 10 * DAY,
    "100 d": 100 * DAY,
}
# As reasons name what stands on a form.
NAMED = re.compile(r"\*(\w[\w ]{0,40})\*")
TONES = STATE_TONES | {NOT_CHECKED: Tone.WARN.value}
KIND_TONES = {record.label: record.tone for record in FINDING_KINDS.values()}


@dataclass(frozen=True, slots=True)
class Alike:
    """Findings of one kind for which the same helps, in the order in which they are told."""

    kind: str
    step: str
    rows: Sequence[Mapping[Any, Any]]

    @property
    def new(self) -> int:
        """How many were not found last night."""
        return sum(row["is_new"] for row in self.rows)


@dataclass(frozen=True, slots=True)
class Actions:
    """What was done in one way with one result at one place, and some of the devices."""

    label: str
    is_done: bool
    result: str
    place: str
    count: int
    names: str


@dataclass(frozen=True, slots=True)
class Blind:
    """What could not be checked, why, and how the last known states of its devices."""

    what: str
    reason: str
    devices: str


def to_html(facts: NightFacts) -> str:
    """The whole night as one page; everything that came from outside is escaped."""
    zone, counts = ZoneInfo(facts.zone), headline(facts)
    started_at, ended_at = facts.started_at.astimezone(zone), facts.ended_at.astimezone(zone)
    needs = findings_frame(facts).to_dict("records")
    sites = sites_frame(facts)
    night, stages = night_of(facts.started_at, facts.zone), stages_frame(facts)
    drawn = charts(facts)
    return (
        _environment()
        .get_template("nightly/night.html.j2")
        .render(
            night=f"{night:%A} {night.day} {night:%B %Y}",
            today=night,
            run_name=legible(facts.run_name),
            zone=facts.zone,
            started_at=started_at,
            ended_at=ended_at,
            took=(ended_at - started_at).total_seconds(),
            dry_run=facts.dry_run,
            local=lambda instant: instant.astimezone(zone),
            counts=counts,
            sentences=sentences(facts),
            shares=shares(counts.states),
            blind=list(_blind(facts)),
            missed=[night.isoformat() for night in sorted(facts.missed)],
            needs=_alike([row for row in needs if row["needs_attention"]], NEEDS_SHOWN),
            others=_alike([row for row in needs if not row["needs_attention"]], OTHERS_SHOWN),
            causes=night_causes(facts),
            planned=_planned(facts),
            done=_done(facts),
            sites=sites.to_dict("records"),
            states=[state for state in counts.states if sites[state].any()],
            stages=stages.to_dict("records"),
            longest=stages["p95_s"].max(),
            charts=drawn,
            nights=len(drawn[0].slots) if drawn else 0,
            trend=trend_frame(facts).iloc[::-1].to_dict("records"),
            quotas=quotas_frame(facts).to_dict("records"),
            decisions=decisions_frame(facts).to_dict("records"),
            head=legible(facts.decisions_head),
        )
    )


def _alike(needs: Sequence[Mapping[Any, Any]], most: int) -> list[Alike]:
    groups: dict[tuple[str, str], list[Mapping[Any, Any]]] = {}
    for row in needs[:most]:
        groups.setdefault((row["kind"], row["remedy"]), []).append(row)
    return [Alike(*key, rows) for key, rows in groups.items()]


def _blind(facts: NightFacts) -> Iterator[Blind]:
    for what, why in sorted(facts.not_checked.items()):
        states = Counter(
            s.state.record.label
            for s in facts.devices
            if what in (s.connection, f"{s.site} by {s.connection}")
        )
        known = ", ".join(f"{number:,} {state}" for state, number in states.most_common())
        total = counted(states.total(), "device")
        message = f"Nothing is said of its {total}; last known: {known}." if known else ""
        yield Blind(legible(what), legible(why), message)


def _done(facts: NightFacts) -> list[Actions]:
    """What was done, grouped; what was done in vain comes first."""
    groups: dict[tuple[bool, str, str, str, str], list[str]] = {}
    for done in facts.done:
        key = (done.is_done, done.result, done.action.record.label, done.site, done.connection)
        groups.setdefault(key, []).append(done.device)
    in_order = sorted(groups.items())
    actions = [
        Actions(label, is_done, legible(result), _place(site, by), len(names), _names(names))
        for (is_done, result, label, site, by), names in in_order
    ]
    if facts.ended_runs:
        names = _names(facts.ended_runs)
        actions.append(Actions(END_RUN, True, "done", "Prefect", len(facts.ended_runs), names))
    return actions


def _planned(facts: NightFacts) -> list[Actions]:
    """What a real run would have done, grouped."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for planned in facts.planned:
        key = (planned.action.record.label, planned.site, planned.connection)
        groups.setdefault(key, []).append(planned.device)
    return [
        Actions(label, False, "", _place(site, by), len(names), _names(names))
        for (label, site, by), names in sorted(groups.items())
    ]


def _place(site: str, connection: str) -> str:
    return legible(f"{site} · {connection}" if connection else site)


def _names(names: Sequence[str]) -> str:
    """Some of them, and how many more there are."""
    shown, more = ", ".join(names[:NAMES_SHOWN]), len(names) - NAMES_SHOWN
    return legible(f"{shown} and {more:,} more" if more > 0 else shown)


def reach(seconds: float, longest: float) -> float:
    """How far along a scale to `longest` it is, in percent; the scale is logarithmic."""
    return 100 * math.log1p(seconds) / math.log1p(longest) if longest > 0 else 0.0


def _ticks(longest: float) -> list[tuple[str, float]]:
    """Where a scale says how long that is."""
    return [(name, reach(s, longest)) for name, s in FINGERPRINTS.items() if reach(s, longest) < 97]


def _age(seconds: float) -> str:
    return f"{seconds / DAY:.0f} d" if seconds >= 2 * DAY else brief(seconds)


def _day(instant: datetime, today: date) -> str:
    """When that was, as exactly as matters after so long."""
    if instant.date() == today:
        return f"{instant:%H:%M}"
    message = f"{instant.day} {instant:%b}"
    return message if (today - instant.date()).days < 300 else f"{message} {instant.year}"


def _named(text: str) -> Markup:
    """`text`, escaped, but with what it names between asterisks in italics."""
    return Markup(NAMED.sub(r"<i>\1</i>", str(escape(text))))  # noqa: S704  it is escaped


@cache
def _environment() -> Environment:
    shown = {
        "hand": NEEDS_SHOWN,
        "others": OTHERS_SHOWN,
        "sites": SITES_SHOWN,
        "rows": ROWS_SHOWN,
    }
    return environment(
        {"age": _age, "day": _day, "named": _named, "reach": reach},
        {
            "tones": TONES,
            "kind_tones": KIND_TONES,
            "ticks": _ticks,
            "shown": shown,
            "hour": HOUR,
        },
    )
