"""Onboard: one site run over a roster, from its first observations to its report."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol

from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from sqlmodel import Session

from fleet.admission.desired import ONBOARDING, Order
from fleet.planning.preflight import ImpossibleRun
from fleet.state.verdict import Decision
from fleet.text.expected import ExpectedError
from ledger.admission.orders import record_relaxed
from ledger.database.engine import LedgerAway, LedgerUnusable
from sheets.marked import Original
from tasks.onboarding.conclude import conclude, troubles
from tasks.onboarding.publish import (
    Report,
    codes_taken,
    forecast_text,
    forecasts,
    on_two_rosters,
    publish_plan,
    publish_report,
    relaxed,
)
from tasks.pipeline.converge import converge, observe_until
from tasks.pipeline.plan import Plan
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tasks.runtime.expected import result_of
from tasks.runtime.outage import written
from tasks.runtime.progress import RunProgress, progress_of
from tasks.runtime.site_run import SiteRun, open_site_run

Plans = dict[str, Plan]  # by connection


class Check(Protocol):
    """What is checked once everything was observed, before anything is done; it may refuse."""

    def __call__(self, site_run: SiteRun, plans: Plans) -> None:
        """Raise an expected error, so that nothing is done."""


async def bring_into_service(
    order: Order,
    wait_limit: timedelta,
    dry_run: bool,
    original: Original | None = None,
    check: Check | None = None,
) -> State[Any]:
    """Bring the ordered devices into service, and report on every line of the roster.

    The report has a marked copy of the `original`, if the roster came as a file.
    """
    name = flow_run.get_name() or f"onboard {order.roster.site}"
    async with open_site_run(name, order, dry_run, original) as site_run:
        deadline = site_run.started_at + (timedelta() if dry_run else wait_limit)
        async with progress_of(site_run) as progress:
            plans = await plan_all(site_run, progress)
            if check:
                check(site_run, plans)
            await _remember_roster(site_run)
            expected = await forecasts(site_run, plans)
            await publish_plan(site_run, plans, expected)
            for each in expected:
                get_run_logger().info(forecast_text(each))
            warnings = (codes_taken(site_run, plans), on_two_rosters(site_run), relaxed(site_run))
            for warning in chain(*warnings):
                get_run_logger().warning("%s", warning)
            plans |= await _converge_all(site_run, progress, deadline, plans)
        return conclude(site_run, plans, await _report(site_run, plans))


async def _remember_roster(site_run: SiteRun) -> None:
    """Record what was ordered, for the nights to come; a device to be rejected is on no roster."""
    order = site_run.order
    is_wanted = order.purpose == ONBOARDING and order.decision is Decision.APPROVE
    if site_run.is_dry or not is_wanted:
        return
    names = {
        (run.system.scope, run.connection): [device.name for device in run.desired.devices]
        for run in site_run.runs
    }
    ledger = site_run.runs[0].ledger

    def relax(session: Session, relaxed: Sequence[tuple[str, str]]) -> None:
        by = f"run {site_run.name!r}"
        record_relaxed(session, site_run.site, relaxed, by, utc_now())

    chosen = order.roster.chosen
    if chosen is not None:
        now, run = utc_now(), site_run.name
        await written(ledger, lambda: ledger.site_columns.remember(site_run.site, chosen, run, now))
    await written(
        ledger,
        lambda: ledger.devices.list_as_ordered(
            site_run.site,
            names,
            order.is_whole_site,
            is_by_people=order.asks_people,
            activates_itself=order.device_activates,
            relaxing=relax,
        ),
    )


async def plan_all(site_run: SiteRun, progress: RunProgress) -> Plans:
    """The first plan for each connection. ImpossibleRun when one of them cannot meet the order.

    A connection that cannot be observed stops no other; if none can be, its error is raised.
    """
    observations = (
        observe_until(run, progress, site_run.started_at, None, f"observe {run.subject}")
        for run in site_run.runs
    )
    tried = await asyncio.gather(*observations, return_exceptions=True)
    found = dict(zip((run.connection for run in site_run.runs), tried, strict=True))
    for name, error in found.items():
        if isinstance(error, ExpectedError):
            site_run.not_checked[name] = str(error)
    errors = [each for each in tried if isinstance(each, BaseException)]
    raise_all([each for each in errors if not isinstance(each, ExpectedError)])
    if impossible := [str(e) for e in found.values() if isinstance(e, ImpossibleRun)]:
        raise ImpossibleRun("\n".join(impossible))
    plans = {name: plan for name, plan in found.items() if isinstance(plan, Plan)}
    if not plans:
        raise next(error for error in found.values() if isinstance(error, ExpectedError))
    return plans


async def _converge_all(
    site_run: SiteRun, progress: RunProgress, deadline: datetime, plans: Plans
) -> Plans:
    """The last plan for each connection that could be observed; all converge at the same time.

    An error of one ends no other: that may have received a key that is not sealed yet.
    """
    runs = [run for run in site_run.runs if run.connection in plans]
    ended = await asyncio.gather(
        *(_last_plan(run, progress, deadline, plans[run.connection]) for run in runs),
        return_exceptions=True,
    )
    raise_all([each for each in ended if isinstance(each, BaseException)])
    names = (run.connection for run in runs)
    return {name: it for name, it in zip(names, ended, strict=True) if isinstance(it, Plan)}


def raise_all(errors: Sequence[BaseException]) -> None:
    """Raise what several connections failed with, so that none of it is lost.

    What is no error but ends the run, such as its being canceled, comes first.
    """
    if ends := [each for each in errors if not isinstance(each, Exception)]:
        raise ends[0]
    failed = [each for each in errors if isinstance(each, Exception)]
    if len(failed) == 1:
        raise failed[0]
    if failed:
        raise ExceptionGroup("; ".join(f"{type(e).__name__}: {e}" for e in failed), failed)


async def _report(site_run: SiteRun, plans: Plans) -> Report:
    """The published report. Without the ledger there is none, and the troubles are raised."""
    try:
        return await result_of(publish_report(site_run, plans))
    except LedgerAway as away:
        try:
            await site_run.runs[0].pause(away)
        except LedgerAway:
            what = "\n".join(troubles(site_run, plans.values()) or [str(away)])
            raise LedgerUnusable(what) from away
    return await result_of(publish_report(site_run, plans))


async def _last_plan(
    run: ConnectionRun, progress: RunProgress, deadline: datetime, first: Plan
) -> Plan:
    """The last plan; when an expected error ends the run, the last assessment with its trouble."""
    try:
        return await converge(run, progress, deadline, first)
    except ExpectedError as error:
        return Plan(run.assessment or first.assessment, (), trouble=str(error))
