"""The night's page: one self-contained HTML file that needs no network and no script."""

import math
import re
from datetime import date, datetime
from functools import cache
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
from reports.nightly.groups import done, finding_groups, planned, unchecked
from reports.nightly.headline import headline, sentences
from reports.nightly.stages import stages_frame
from reports.nightly.trend import NOT_CHECKED, night_of, trend_frame
from reports.page.template import environment, shares
from reports.page.wording import brief, legible

NEEDS_SHOWN, OTHERS_SHOWN, SITES_SHOWN, ROWS_SHOWN = 200, 100, 200, 50
HOUR, DAY = 3600, 86_400
TICKS = {
    "1 s": 1,
    "1 min": 60,
    "1 h": HOUR,
    "1 d": DAY,
    "10 d": 10 * DAY,
    "100 d": 100 * DAY,
}
# Reasons write the names of form fields so: *Register again*.
NAMED = re.compile(r"\*(\w[\w ]{0,40})\*")
TONES = STATE_TONES | {NOT_CHECKED: Tone.WARN.value}
KIND_TONES = {record.label: record.tone for record in FINDING_KINDS.values()}


def to_html(facts: NightFacts) -> str:
    """The whole night as one page; everything that came from outside is escaped."""
    zone, counts = ZoneInfo(facts.zone), headline(facts)
    started_at, ended_at = facts.started_at.astimezone(zone), facts.ended_at.astimezone(zone)
    findings = findings_frame(facts).to_dict("records")
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
            unchecked=list(unchecked(facts)),
            missed=[night.isoformat() for night in sorted(facts.missed)],
            needs=finding_groups([f for f in findings if f["needs_attention"]], NEEDS_SHOWN),
            others=finding_groups([f for f in findings if not f["needs_attention"]], OTHERS_SHOWN),
            causes=night_causes(facts),
            planned=planned(facts),
            done=done(facts),
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


def reach(seconds: float, longest: float) -> float:
    """The position on a logarithmic scale from zero to `longest`, in percent."""
    return 100 * math.log1p(seconds) / math.log1p(longest) if longest > 0 else 0.0


def _ticks(longest: float) -> list[tuple[str, float]]:
    """The ticks of a scale to `longest`, with their positions."""
    return [(name, reach(s, longest)) for name, s in TICKS.items() if reach(s, longest) < 97]


def _age(seconds: float) -> str:
    return f"{seconds / DAY:.0f} d" if seconds >= 2 * DAY else brief(seconds)


def _day(instant: datetime, today: date) -> str:
    """A date, or the time of day where it is `today`."""
    if instant.date() == today:
        return f"{instant:%H:%M}"
    day = f"{instant.day} {instant:%b}"
    return day if (today - instant.date()).days < 300 else f"{day} {instant.year}"


def _named(text: str) -> Markup:
    """`text`, escaped; a name between asterisks is in italics."""
    return Markup(NAMED.sub(r"<i>\1</i>", str(escape(text))))  # noqa: S704  it is escaped


@cache
def _environment() -> Environment:
    shown = {
        "attention": NEEDS_SHOWN,
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
