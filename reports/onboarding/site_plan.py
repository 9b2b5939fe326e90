"""A site plan as a table, and as one self-contained page for who decides whether to apply it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from fleet.planning.change import WORST_FIRST
from fleet.planning.site_plan import PlannedLine, SitePlan
from fleet.roster.roster import Roster
from reports.onboarding.columns_read import of_columns
from reports.page.template import environment
from reports.page.wording import legible

SHOWN_LINES = 10_000  # about 3 MB; the table beside the page has all
COLUMNS = ("line", "device", "connection", "change", "planned", "reason")


@dataclass(frozen=True)
class PlanFacts:
    """A plan, the roster that it was made of, and when; `forecasts` say how long it would take."""

    plan: SitePlan
    roster: Roster
    made_at: datetime
    good_until: datetime
    system: str
    forecasts: Sequence[str] = ()
    warnings: Sequence[str] = ()


def plan_frame(lines: Sequence[PlannedLine]) -> pd.DataFrame:
    """One row per line, with texts alone."""
    return pd.DataFrame(map(_row, lines), columns=list(COLUMNS), dtype="str")


def plan_page(facts: PlanFacts) -> str:
    """The whole plan as one page; everything that came from outside is escaped."""
    plan, roster = facts.plan, facts.roster
    counts, shown = plan.counts, plan.worst_first[:SHOWN_LINES]
    return (
        environment({}, {})
        .get_template("onboarding/site_plan.html.j2")
        .render(
            site=legible(plan.site),
            plan=plan,
            made_at=facts.made_at.astimezone(UTC),
            good_until=facts.good_until.astimezone(UTC),
            system=legible(facts.system),
            counts=[(each.record, counts[each]) for each in WORST_FIRST if counts[each]],
            rows=[_row(line) | {"tone": line.change.record.tone} for line in shown],
            left=len(plan.lines) - len(shown),
            policies=[(legible(n), legible(p)) for n, p in sorted(plan.policies.items())],
            said=[legible(each) for each in (*facts.warnings, *facts.forecasts)],
            **of_columns(roster),
        )
    )


def _row(line: PlannedLine) -> dict[str, str]:
    texts = (
        line.where,
        line.device,
        line.connection,
        line.change.record.label,
        line.planned,
        line.reason,
    )
    return dict(zip(COLUMNS, map(legible, texts), strict=True))
