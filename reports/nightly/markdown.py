"""The night in short, as Markdown for an artifact, with a link to the full report."""

from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from reports.nightly.facts import NightFacts
from reports.nightly.frames import causes_frame, findings_frame
from reports.nightly.headline import END_RUN, sentences
from reports.nightly.trend import night_of
from reports.page.wording import brief, plain

SHOWN = 20
HOUR = 3600


def to_markdown(facts: NightFacts, link: str = "") -> str:
    """The headline, what needs attention, what was done, what was not checked; the decisions' head.

    `link` leads to the full report.
    """
    zone = ZoneInfo(facts.zone)
    started, ended = facts.started_at.astimezone(zone), facts.ended_at.astimezone(zone)
    where = f" ({facts.zone})" if facts.zone != f"{ended:%Z}" else ""
    parts = [
        f"# Night of {night_of(facts.started_at, facts.zone)}"
        f"{' (dry run)' if facts.dry_run else ''}",
        f"{plain(facts.run_name)} · {started:%H:%M:%S} to {ended:%H:%M:%S %Z}{where}",
        "\n".join(f"- {plain(sentence)}" for sentence in sentences(facts)),
        f"[Full report]({link})" if link else "",
        _needs(facts),
        _causes(facts),
        _done(facts),
        _not_checked(facts),
        f"Head of the decision record: {plain(facts.decisions_head)}"
        if facts.decisions_head
        else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _needs(facts: NightFacts) -> str:
    frame = findings_frame(facts)
    rows = frame[frame["needs_attention"]].to_dict("records")
    cells = [
        (
            f"{row['kind']}{' (new)' if row['is_new'] else ''}",
            f"{row['subject']}, {row['site']}",
            row["reason"],
            brief(row["age_h"] * HOUR),
            row["remedy"],
        )
        for row in rows[:SHOWN]
    ]
    more = len(rows) - SHOWN
    table = _table("Needs attention", ("finding", "where", "why", "age", "remedy"), cells)
    return f"{table}\n\n… and {more:,} more in the full report." if more > 0 else table


def _causes(facts: NightFacts) -> str:
    causes = [f"- {plain(cause)}" for cause in causes_frame(facts)["cause"]]
    return "\n".join(["## What they have in common", "", *causes]) if causes else ""


def _done(facts: NightFacts) -> str:
    counts = Counter((each.action.record.label, each.result) for each in facts.done).most_common()
    cells = [(label, result, f"{number:,}") for (label, result), number in counts[:SHOWN]]
    if facts.ended_runs:
        names = ", ".join(sorted({*facts.ended_runs})[:SHOWN])
        cells.append((END_RUN, names, f"{len(facts.ended_runs):,}"))
    return _table("Actions taken", ("action", "result", "count"), cells)


def _not_checked(facts: NightFacts) -> str:
    cells = [(name, why) for name, why in sorted(facts.not_checked.items())[:SHOWN]]
    return _table("Not checked", ("what", "why"), cells)


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(map(plain, cells))} |" for cells in rows]
    return "\n".join(
        [f"## {title}", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *lines]
    )
