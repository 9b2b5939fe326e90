"""Publishing: plans and reports, as Prefect artifacts and as files for people."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.action.action import Action, Adopt, Approve
from fleet.planning.forecast import Forecast, forecast
from fleet.state.action_kind import ActionKind
from fleet.system.enroll import Enrol
from fleet.system.profile import Manner
from reports.onboarding.actions_taken import deeds
from reports.onboarding.need import STRANGER
from reports.onboarding.onboarding import OnboardingFacts, onboarding_frame
from reports.onboarding.onboarding_page import to_html
from reports.onboarding.summary import ORDER, summary
from reports.page.table import to_csv, to_rows
from reports.page.wording import brief, counted
from tasks.pipeline.plan import Plan
from tasks.runtime.connection_run import utc_now
from tasks.runtime.expected import failing_plainly
from tasks.runtime.report_files import excel_csv, write_report
from tasks.runtime.site_run import Job, merged

Plans = Mapping[str, Plan]

REPORTED = (ActionKind.APPROVE, ActionKind.RETRY, ActionKind.REJECT)
LATE = "; were all registered first, its code would expire before its turn: so in waves"
SHOWN_ROWS = 2000  # beyond that, a browser takes long over the artifact; the files hold all


async def publish_plan(job: Job, plans: Plans) -> None:
    """Show, as a table in the Prefect UI, where each device stands and what is planned for it."""
    planned = planned_acts(job, plans)
    told = forecasts(job, plans)
    late = {name for each in told for name in each.outlived}
    rows = [
        {
            "device": standing.device.name,
            "connection": connection,
            "state": standing.state.value,
            "planned": planned.get(standing.device.name, "nothing"),
            "reason": standing.reason + (LATE if standing.device.name in late else ""),
        }
        for connection, plan in plans.items()
        for standing in plan.assessment.standings
    ]
    texts = [_outline(job, plans, Counter(row["planned"] for row in rows))]
    texts += [*map(forecast_text, told), *job.not_checked.values()]
    await acreate_table_artifact(
        table=rows[:SHOWN_ROWS], key=f"plan-{job.key}", description="\n\n".join(texts)
    )


def _outline(job: Job, plans: Plans, planned: Counter[str]) -> str:
    """What is to be done for how many devices, the most frequent first."""
    acts = ", ".join(f"{act} ({number})" for act, number in planned.most_common())
    told = [f"For {counted(planned.total(), 'device')}: {acts}."]
    for run in job.runs:
        plan = plans.get(run.connection)
        made = sum(isinstance(action, Enrol) for action in plan.actions) if plan else 0
        if made and run.system.manner.can_adopt:
            told.append(
                f"{counted(made, run.system.manner.enrolment)} in all: devices with a host id or "
                "MAC share one. Requests are decided as they come."
            )
    holds = sum(len(plan.assessment.holds) for plan in plans.values())
    if holds:
        told.append(f"{counted(holds, 'request')} held for a person.")
    return " ".join(told)


def forecasts(job: Job, plans: Plans) -> list[Forecast]:
    """What quotas mean for what is left to be done, by each connection that has one."""
    found = [
        forecast(run.desired, plans[run.connection].assessment)
        for run in job.runs
        if run.connection in plans
    ]
    return [each for each in found if each]


def forecast_text(told: Forecast) -> str:
    """A forecast in words: how long it takes, and why in waves."""
    text = (
        f"{told.system} lets {told.quota} through, so that what is planned there takes about "
        f"{brief(told.lasts.total_seconds())} ({counted(told.calls, 'call')})."
    )
    if told.outlived:
        names = f"{told.outlived[0]} … {told.outlived[-1]}"
        text += (
            f" Were all registered first, the codes of {counted(len(told.outlived), 'line')} "
            f"({names}) would expire before their turn; so at most {told.waves[0]} are open at a "
            f"time, in {counted(len(told.waves), 'wave')}."
        )
    return text


def planned_acts(job: Job, plans: Plans) -> dict[str, str]:
    """What is planned for each device, by its name, in the words of its system."""
    planned: dict[str, str] = {}
    for run in job.runs:
        plan = plans.get(run.connection)
        for action in plan.actions if plan else ():
            for device in action.devices if isinstance(action, Enrol | Adopt) else (action.device,):
                if device is not None:
                    planned[device.name] = _act(action, run.system.manner)
    return planned


def _act(action: Action, manner: Manner) -> str:
    """What a person calls an act, without its object."""
    if isinstance(action, Enrol):
        return manner.enrol_phrase
    if isinstance(action, Adopt):
        return f"adopt {manner.enrolment}"
    return manner.admit if isinstance(action, Approve) else action.kind.record.phrase


@dataclass(frozen=True)
class Report:
    """What a run leaves for people: a page to read and a table for other programs."""

    page: Path
    table: Path


@task(task_run_name="publish the report on {job.subject}", cache_policy=NO_CACHE)
@failing_plainly
async def publish_report(job: Job, plans: Plans) -> Report:
    """Write the onboarding report as HTML and CSV, and show its table in the Prefect UI."""
    counts = (Counter(run.ledger.journal.done(run.batch)) for run in job.runs)
    done = sum(counts, Counter[ActionKind]())
    facts = OnboardingFacts(
        roster=job.order.roster,
        assessment=merged([plan.assessment for plan in plans.values()]),
        times={n: t for run in job.runs for n, t in run.ledger.memory.times(run.batch).items()},
        run_name=job.name,
        started_at=job.started_at,
        ended_at=utc_now(),
        dry_run=job.is_dry,
        system=job.place,
        planned=planned_acts(job, plans) if job.is_dry else {},
        done={kind.record.done: done[kind] for kind in REPORTED},
        not_checked=job.not_checked,
        decisions=str(job.runs[0].ledger.decisions.head()) if job.runs else "",
    )
    frame = onboarding_frame(facts)
    report = _written(job, to_html(facts), to_csv(frame))
    await acreate_table_artifact(
        table=to_rows(_urgent_first(frame)[:SHOWN_ROWS]),
        key=f"report-{job.key}",
        description=f"{_headline(facts)}\n\n{deeds(facts)}\n\nThe whole report, on the worker: "
        f"`{report.page.resolve()}` (as a table: the same name with .csv)"
        f"\n\nRecord of decisions: {facts.decisions}",
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


def _written(job: Job, page: str, table: str) -> Report:
    stem = f"{job.key}-{job.started_at:%Y%m%dT%H%M%SZ}"
    return Report(*write_report(stem, {".html": page.encode(), ".csv": excel_csv(table)}))
