"""Plan a site: observe once, change nothing, and keep what a run would do under its hash."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from fleet.planning.site_plan import SitePlan
from fleet.roster.reading import refuse_unusable
from ledger.session import open_ledger
from reports.onboarding.columns_read import mapping_text
from reports.onboarding.site_plan import PlanFacts, plan_frame, plan_page
from reports.page.table import to_csv, to_rows
from tasks.onboarding.marked_copy import marked_copy
from tasks.onboarding.onboard import bring_into_service, plan_all
from tasks.onboarding.order_form import OrderForm
from tasks.onboarding.publish import (
    SHOWN_ROWS,
    busy,
    codes_taken,
    forecast_text,
    forecasts,
    on_two_rosters,
    relaxed,
)
from tasks.onboarding.site_plan import (
    GOOD_FOR,
    PlanRefused,
    planned_results,
    refuse_changes,
    refuse_old,
    site_plan,
)
from tasks.pipeline.plan import Plan
from tasks.runtime.clock import utc_now
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.progress import progress_of
from tasks.runtime.report_files import excel_csv, write_report
from tasks.runtime.report_links import linked, where_is
from tasks.runtime.site_run import SiteRun, open_site_run
from tasks.text.given_roster import roster_in

NO_CHANGES = "No changes"
DONE = "Completed"  # so a run ends all of whose devices are in service


@dataclass(frozen=True)
class MadePlan:
    """A plan, and the files that were published of it: its page, its table, the marked copy.

    `is_guessed` says that identities were found by the content of a column alone.
    """

    plan: SitePlan
    files: tuple[Path, ...]
    is_guessed: bool = False


async def plan_site(sent: str | bytes, name: str, site: str, form: OrderForm) -> State[Any]:
    """The plan for a site of what was `sent` as `name`: published, and kept to be applied."""
    made = await made_plan(sent, name, site, form)
    planned, message = made.plan, f"{site}: {made.plan}. Plan {made.plan.id}."
    if planned.has_changes:
        message += (
            f" To apply exactly this, run onboard-site for {site} with the plan {planned.id}."
        )
    state_name = None if planned.has_changes else NO_CHANGES
    return Completed(name=state_name, message=f"{message} Page: {where_is(made.files[0])}")


async def made_plan(sent: str | bytes, name: str, site: str, form: OrderForm) -> MadePlan:
    """The same plan, and its files."""
    tables = await roster_in(sent, name, form.choices)
    roster, original = await form.roster(tables, site), form.original(tables)
    run_name = flow_run.get_name() or f"plan {site}"
    async with open_site_run(run_name, form.order(roster), True, original) as site_run:
        plans: Mapping[str, Plan] = {}
        if roster.lines:
            async with progress_of(site_run) as progress:
                plans = await plan_all(site_run, progress)
        planned = site_plan(sent, form, site_run, plans)
        with open_ledger() as ledger:
            ledger.site_plans.save(planned, sent, run_name, site_run.started_at)
        files = await result_of(publish_site_plan(site_run, planned, plans))
        return MadePlan(planned, tuple(files), roster.mapping.is_guessed)


async def apply_plan(plan_id: str, site: str, wait_limit: timedelta) -> State[Any]:
    """Bring a site into service exactly as a plan says; refused if the world changed since.

    A plan that a run began to apply is carried on, for what changed since may be its own work,
    until all of it is done.
    """
    with open_ledger() as ledger:
        saved = ledger.site_plans.find(plan_id, site)
    refuse_old(saved)
    form = OrderForm.of(dict(saved.plan.order))
    tables = await roster_in(saved.sent, f"the roster of plan {plan_id}", form.choices)
    roster, original = await form.roster(tables, site), form.original(tables)
    refuse_unusable(roster)

    def check(site_run: SiteRun, plans: Mapping[str, Plan]) -> None:
        ledger = site_run.runs[0].ledger
        if saved.begun_at is None:
            now = replace(form, remembered=ledger.site_columns.remembered(site))
            refuse_changes(saved.plan, site_plan(saved.sent, now, site_run, plans))
        ledger.site_plans.begin(saved.plan, site_run.name, utc_now())

    order = form.order(roster)
    state = await bring_into_service(order, wait_limit, False, original, check)
    if state.name == DONE:
        with open_ledger() as ledger:
            ledger.site_plans.end(saved.plan, utc_now())
    return state


def refuse_both(roster: str, dry_run: bool) -> None:
    """Raise PlanRefused where more than a plan was given."""
    if roster.strip():
        raise PlanRefused("Give a plan or a roster, and not both: a plan has its own roster.")
    if dry_run:
        raise PlanRefused("A plan is a dry run already. To see it anew, run plan-site.")


@task(task_run_name="publish the plan for {site_run.subject}", cache_policy=NO_CACHE)
@failing_plainly
async def publish_site_plan(
    site_run: SiteRun, planned: SitePlan, plans: Mapping[str, Plan]
) -> list[Path]:
    """Write the plan as HTML and CSV, show its table in the Prefect UI; the files, the page first.

    The marked copy of the roster is the last of them, if the roster came as a file.
    """
    facts = PlanFacts(
        plan=planned,
        roster=site_run.order.roster,
        made_at=site_run.started_at,
        good_until=site_run.started_at + GOOD_FOR,
        system=site_run.place,
        forecasts=[forecast_text(each) for each in await forecasts(site_run, plans)],
        warnings=[
            *site_run.not_checked.values(),
            *codes_taken(site_run, plans),
            *on_two_rosters(site_run),
            *busy(site_run),
            *relaxed(site_run),
        ],
    )
    stem = f"plan-{planned.site}-{site_run.started_at:%Y%m%dT%H%M%SZ}"
    page, table = write_report(
        stem,
        {".html": plan_page(facts).encode(), ".csv": excel_csv(to_csv(plan_frame(planned.lines)))},
    )
    marked = await marked_copy(site_run, planned_results(site_run.order.roster, planned), stem)
    texts = [
        f"**{planned}.** Plan `{planned.id}`, good until {facts.good_until:%Y-%m-%d %H:%M} UTC.",
        *filter(None, [mapping_text(facts.roster)]),
        *facts.warnings,
        *facts.forecasts,
        f"{linked('The whole plan', page)}\n\n{linked('The plan as a table', table)}{marked.said}",
    ]
    await acreate_table_artifact(
        table=to_rows(plan_frame(planned.worst_first[:SHOWN_ROWS])),
        key=f"site-plan-{planned.site}",
        description="\n\n".join(texts),
    )
    return [page, table, *([marked.path] if marked.path else [])]
