"""Publishing: plans and reports, as Prefect artifacts and as files for people."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.action import Adopt, Approve, Enrol, Reject, Retry
from ledger import journal
from ledger.recall import times
from reports.deeds import deeds
from reports.need import STRANGER
from reports.onboarding import OnboardingFacts, onboarding_frame
from reports.page import to_html
from reports.summary import ORDER, summary
from reports.table import to_csv, to_rows
from reports.wording import counted
from tasks.looking import Look
from tasks.run import Run

DEEDS = {Approve.word: "approved", Retry.word: "retried", Reject.word: "rejected"}
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
    await acreate_table_artifact(
        table=rows[:SHOWN_ROWS],
        key=f"plan-{run.key}",
        description=_outline(look, Counter(row["planned"] for row in rows)),
    )


def _outline(look: Look, planned: Counter[str]) -> str:
    """What is to be done for how many devices, the most frequent first."""
    acts = ", ".join(f"{act} ({number})" for act, number in planned.most_common())
    configs = sum(isinstance(action, Enrol) for action in look.actions)
    told = [f"For {counted(planned.total(), 'device')}: {acts}."]
    if configs:
        told.append(
            f"{counted(configs, 'activation config')} in all: devices with a host id or MAC share "
            "one. Requests are decided as they come."
        )
    if look.assessment.holds:
        told.append(f"{counted(len(look.assessment.holds), 'request')} held for a person.")
    return " ".join(told)


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


@task(task_run_name="publish the report on {run.subject}", cache_policy=NO_CACHE)
async def publish_report(run: Run, look: Look) -> Report:
    """Write the onboarding report as HTML and CSV, and show its table in the Prefect UI."""
    done = journal.done(run.engine, run.batch)
    facts = OnboardingFacts(
        roster=run.roster,
        assessment=look.assessment,
        times=times(run.engine, run.batch),
        run_name=run.name,
        started_at=run.started_at,
        ended_at=run.now(),
        dry_run=run.is_dry,
        system=run.system.scope,
        planned=planned_acts(look) if run.is_dry else {},
        done={told: done.get(act, 0) for act, told in DEEDS.items()},
    )
    frame = onboarding_frame(facts)
    report = _written(run, to_html(facts), to_csv(frame))
    await acreate_table_artifact(
        table=to_rows(_urgent_first(frame)[:SHOWN_ROWS]),
        key=f"report-{run.key}",
        description=f"{_headline(facts)}\n\n{deeds(facts)}\n\nThe whole report, on the worker: "
        f"`{report.page.resolve()}` (as a table: the same name with .csv)",
    )
    return report


def _headline(facts: OnboardingFacts) -> str:
    """How many lines are in service, and how many stand where instead; faulty ones included."""
    found = summary(facts)
    others = [f"{state} ({n})" for state, n in found.counts.items() if n and state in ORDER[:-1]]
    others += [f"{STRANGER} ({found.strangers})"] if found.strangers else []
    served = f"{found.in_service:,} of {counted(found.total, 'line')} in service"
    return f"{served}; {', '.join(others)}." if others else f"{served}."


def _urgent_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Lines that need a hand before those on their way, and those in service last."""
    return frame.sort_values("state", key=lambda states: states.map(ORDER.index), kind="stable")


def _written(run: Run, page: str, table: str) -> Report:
    folder = run.settings.reports
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{run.key}-{run.started_at:%Y%m%dT%H%M%SZ}"
    report = Report(folder / f"{stem}.html", folder / f"{stem}.csv")
    report.page.write_text(page, encoding="utf-8")
    report.table.write_text(table, encoding="utf-8-sig", newline="")  # Excel wants the mark
    return report
