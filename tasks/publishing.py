"""Publishing: plans and reports, as Prefect artifacts and as files for people."""

from dataclasses import dataclass
from pathlib import Path

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.action import Adopt, Enrol
from fleet.roster import Roster
from ledger.recall import times
from reports.deeds import deeds
from reports.onboarding import OnboardingFacts, onboarding_frame
from reports.page import to_html
from reports.table import to_csv, to_rows
from tasks.looking import Look
from tasks.run import Run

SHOWN_ROWS = 2000  # beyond that, a browser takes long over the artifact; the files hold all


async def publish_plan(run: Run, look: Look) -> None:
    """Show, as a table in the Prefect UI, where each device stands and what is planned for it."""
    planned = planned_acts(look)
    rows = [
        {
            "device": standing.device.name,
            "state": standing.state.value,
            "planned": planned.get(standing.device.name, "nothing"),
            "reason": standing.reason,
        }
        for standing in look.assessment.standings
    ]
    changing = sum(1 for row in rows if row["planned"] != "nothing")
    await acreate_table_artifact(
        table=rows[:SHOWN_ROWS],
        key=f"plan-{run.desired.site}",
        description=f"Plan for {run.desired.site}: something to do for {changing} of {len(rows)} "
        f"devices. Held for a person: {len(look.assessment.holds)} requests.",
    )


def planned_acts(look: Look) -> dict[str, str]:
    """What is planned for each device, by its name, in words."""
    planned: dict[str, str] = {}
    for action in look.actions:
        for device in action.devices if isinstance(action, Enrol | Adopt) else (action.device,):
            if device is not None:
                planned[device.name] = action.word.removesuffix(" for").removesuffix(" of")
    return planned


@dataclass(frozen=True)
class Report:
    """What a run leaves for people: a page to read and a table for other programs."""

    page: Path
    table: Path


@task(task_run_name="publish the report on {run.desired.site}", cache_policy=NO_CACHE)
async def publish_report(run: Run, roster: Roster, look: Look, name: str) -> Report:
    """Write the onboarding report as HTML and CSV, and show its table in the Prefect UI."""
    facts = OnboardingFacts(
        roster=roster,
        assessment=look.assessment,
        times=times(run.engine, run.desired.site),
        run_name=name,
        started_at=run.started_at,
        ended_at=run.now(),
        dry_run=run.is_dry,
        system=run.system.scope,
        planned=planned_acts(look) if run.is_dry else {},
    )
    frame = onboarding_frame(facts)
    report = _written(run, to_html(facts), to_csv(frame))
    await acreate_table_artifact(
        table=to_rows(frame)[:SHOWN_ROWS],
        key=f"onboarding-{run.desired.site}",
        description=f"{deeds(facts)}\n\nThe whole report: `{report.page.resolve()}`",
    )
    return report


def _written(run: Run, page: str, table: str) -> Report:
    folder = run.settings.reports
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"onboarding-{run.desired.site}-{run.started_at:%Y%m%dT%H%M%SZ}"
    report = Report(folder / f"{stem}.html", folder / f"{stem}.csv")
    report.page.write_text(page, encoding="utf-8")
    report.table.write_text(table, encoding="utf-8-sig", newline="")  # Excel wants the mark
    return report
