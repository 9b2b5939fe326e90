"""Onboarding: one job over a roster, from its first looks to its report."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from fleet.order import ONBOARDING, Order
from fleet.preflight import ImpossibleRun
from fleet.text.expected import ExpectedError
from fleet.verdict import Decision
from ledger.roster import list_devices
from tasks.concluding import conclude
from tasks.expected import result_of
from tasks.job import Job, open_job
from tasks.looking import Look, watch
from tasks.publishing import forecast_text, forecasts, publish_plan, publish_report
from tasks.run import Run
from tasks.settling import settle
from tasks.showing import Shown, shown

Looks = dict[str, Look]  # by connection


async def bring_into_service(order: Order, patience: timedelta, dry_run: bool) -> State[Any]:
    """Settle what was ordered, report on every line of the roster, and say how it ended."""
    name = flow_run.get_name() or f"onboard {order.roster.site}"
    async with open_job(name, order, dry_run) as job:
        deadline = job.started_at + (timedelta() if dry_run else patience)
        async with shown(job) as progress:
            looks = await _first_looks(job, progress)
            _remember_roster(job)
            await publish_plan(job, looks)
            for told in forecasts(job, looks):
                get_run_logger().info(forecast_text(told))
            looks |= await _settled(job, progress, deadline, looks)
        report = await result_of(publish_report(job, looks))
        return conclude(job, looks, report)


def _remember_roster(job: Job) -> None:
    """Write down what was ordered, for the nights to come; who is turned away is on no roster."""
    order = job.order
    is_to_come = order.purpose == ONBOARDING and order.decision is Decision.APPROVE
    if job.is_dry or not is_to_come:
        return
    names = {
        (run.system.scope, run.connection): [device.name for device in run.desired.devices]
        for run in job.runs
    }
    list_devices(
        job.runs[0].engine,
        job.site,
        names,
        order.is_whole_site,
        is_by_hand=order.asks_people,
        activates_itself=order.device_activates,
    )


async def _first_looks(job: Job, progress: Shown) -> Looks:
    """What each connection shows. Nothing is begun anywhere when any of them rules the order out.

    One that cannot be looked at keeps no other from being settled; but if none can, that is all.
    """
    looking = (
        result_of(watch(run, progress, job.started_at, None, f"look at {run.subject}"))
        for run in job.runs
    )
    tried = await asyncio.gather(*looking, return_exceptions=True)
    found = dict(zip((run.connection for run in job.runs), tried, strict=True))
    for name, error in found.items():
        if isinstance(error, ExpectedError):
            job.unlooked[name] = str(error)
        elif isinstance(error, BaseException):
            raise error
    if impossible := [str(e) for e in found.values() if isinstance(e, ImpossibleRun)]:
        raise ImpossibleRun("\n".join(impossible))
    looks = {name: look for name, look in found.items() if isinstance(look, Look)}
    if not looks:
        raise next(error for error in found.values() if isinstance(error, ExpectedError))
    return looks


async def _settled(job: Job, progress: Shown, deadline: datetime, looks: Looks) -> Looks:
    """The last look at each connection that could be looked at, all settled at the same time."""
    runs = [run for run in job.runs if run.connection in looks]
    last = await asyncio.gather(
        *(_last_look(run, progress, deadline, looks[run.connection]) for run in runs)
    )
    return dict(zip((run.connection for run in runs), last, strict=True))


async def _last_look(run: Run, progress: Shown, deadline: datetime, first: Look) -> Look:
    """The last look; also of a run that had to break off."""
    try:
        return await settle(run, progress, deadline, first)
    except ExpectedError as error:
        return Look(run.seen or first.assessment, (), trouble=str(error))
