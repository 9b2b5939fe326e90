"""The night's page: one self-contained HTML file that needs no network and no script."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fleet.finding import Kind
from fleet.standing import State
from reports.causes import Cause, causes
from reports.night_charts import charts
from reports.night_facts import NightFacts
from reports.night_frames import decisions_frame, needs_frame, quotas_frame, sites_frame
from reports.night_headline import Headline, headline, sentences
from reports.night_stages import stages_frame
from reports.night_trend import NOT_CHECKED, is_checked, night_of, trend_frame
from reports.wording import brief, clock, counted, legible

NEEDS_SHOWN, OTHERS_SHOWN, SITES_SHOWN, ROWS_SHOWN = 200, 100, 200, 50
NAMES_SHOWN = 8
HOUR = 3600
TONES: dict[str, str] = {
    State.KEY_LOST.value: "bad",
    State.FAILED.value: "bad",
    State.REJECTED.value: "bad",
    State.HELD.value: "warn",
    State.RETIRED.value: "warn",
    NOT_CHECKED: "warn",
    State.NOT_ENROLLED.value: "idle",
    State.WAITING.value: "idle",
    State.PROVISIONING.value: "move",
    State.IN_SERVICE.value: "good",
}
KIND_TONES: dict[str, str] = dict.fromkeys((kind.value for kind in Kind), "warn") | dict.fromkeys(
    (
        Kind.LOST.value,
        Kind.ALIVE.value,
        Kind.REVIVABLE.value,
        Kind.GONE.value,
        Kind.FAILED.value,
        Kind.STUCK.value,
        Kind.REJECTED.value,
    ),
    "bad",
)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What was done in one way with one result at one place, and some of the devices."""

    deed: str
    result: str
    place: str
    count: int
    names: str


@dataclass(frozen=True, slots=True)
class Blind:
    """What could not be checked, why, and how its devices stood when last seen."""

    what: str
    reason: str
    devices: str


def to_html(facts: NightFacts) -> str:
    """The whole night as one page; everything that came from outside is escaped."""
    zone, counts = ZoneInfo(facts.zone), headline(facts)
    started_at, ended_at = facts.started_at.astimezone(zone), facts.ended_at.astimezone(zone)
    needs = needs_frame(facts).to_dict("records")
    sites = sites_frame(facts)
    night = night_of(facts.started_at, facts.zone)
    return (
        _environment()
        .get_template("night.html.j2")
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
            shares=_shares(counts),
            blind=list(_blind(facts)),
            missed=[night.isoformat() for night in sorted(facts.missed)],
            needs=[row for row in needs if row["needs_hand"]],
            others=[row for row in needs if not row["needs_hand"]],
            causes=_causes(facts),
            planned=_planned(facts),
            done=_done(facts),
            sites=sites.to_dict("records"),
            states=[state for state in counts.states if sites[state].any()],
            stages=stages_frame(facts).to_dict("records"),
            charts=charts(facts),
            trend=trend_frame(facts).iloc[::-1].to_dict("records"),
            quotas=quotas_frame(facts).to_dict("records"),
            decisions=decisions_frame(facts).to_dict("records"),
            head=legible(facts.decisions_head),
        )
    )


def _shares(counts: Headline) -> list[tuple[str, int, float, float]]:
    """State, devices, and where its part of a bar begins and how wide it is, both in percent."""
    shares, start = [], 0.0
    for state, number in counts.states.items():
        if number:
            width = 100 * number / counts.total
            shares.append((state, number, start, width))
            start += width
    return shares


def _blind(facts: NightFacts) -> Iterator[Blind]:
    for what, why in sorted(facts.not_checked.items()):
        states = Counter(
            s.state.value
            for s in facts.stood
            if what in (s.connection, f"{s.site} by {s.connection}")
        )
        known = ", ".join(f"{number:,} {state}" for state, number in states.most_common())
        total = counted(states.total(), "device")
        told = f"Nothing is said of its {total}; last known: {known}." if known else ""
        yield Blind(legible(what), legible(why), told)


def _causes(facts: NightFacts) -> list[Cause]:
    checked = [stood for stood in facts.stood if is_checked(facts, stood)]
    return causes(checked, [told.finding for told in facts.told])


def _done(facts: NightFacts) -> list[Deeds]:
    """What was done, grouped; what was done in vain comes first."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for done in facts.done:
        key = (done.result, done.deed, done.site, done.connection)
        groups.setdefault(key, []).append(done.device)
    in_order = sorted(groups.items(), key=lambda group: (group[0][0] == "done", group[0]))
    return [
        Deeds(legible(deed), legible(result), _place(site, by), len(names), _names(names))
        for (result, deed, site, by), names in in_order
    ]


def _planned(facts: NightFacts) -> list[Deeds]:
    """What a real run would have done, grouped."""
    groups: dict[tuple[str, str], list[str]] = {}
    for key, deed in facts.planned.items():
        site, _, subject = key.partition("/")
        groups.setdefault((deed.value, site), []).append(subject)
    return [
        Deeds(deed, "", legible(site), len(names), _names(names))
        for (deed, site), names in sorted(groups.items())
    ]


def _place(site: str, connection: str) -> str:
    return legible(f"{site} · {connection}" if connection else site)


def _names(names: Sequence[str]) -> str:
    """Some of them, and how many more there are."""
    shown, more = ", ".join(names[:NAMES_SHOWN]), len(names) - NAMES_SHOWN
    return legible(f"{shown} and {more:,} more" if more > 0 else shown)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"clock": clock, "brief": brief, "counted": counted}
    environment.globals |= {
        "tones": TONES,
        "kind_tones": KIND_TONES,
        "shown": {
            "needs": NEEDS_SHOWN,
            "others": OTHERS_SHOWN,
            "sites": SITES_SHOWN,
            "rows": ROWS_SHOWN,
        },
        "hour": HOUR,
    }
    return environment
