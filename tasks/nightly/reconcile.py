"""Reconcile: one night, from ending dead runs to its report and the state it ends in."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from fleet.nightly.inspection import inspect
from fleet.nightly.rules import NightRules
from ledger.session import Ledger, open_ledger
from tasks.nightly.conclude import conclude
from tasks.nightly.dead_runs import end_dead_runs
from tasks.nightly.execute_due import execute_due
from tasks.nightly.inspection import inspected
from tasks.nightly.night import Night
from tasks.nightly.observe_sites import observe_sites
from tasks.nightly.publish import publish_night
from tasks.nightly.rules import night_rules
from tasks.runtime.connection_run import utc_now
from tasks.runtime.expected import result_of


async def reconcile_all(dry_run: bool, report: bool) -> State[Any]:
    """Observe every site once, do what the rules say, and report on it.

    Without `report`, only sites where a device is on its way, and no report is written.
    """
    rules = night_rules()
    with open_ledger() as ledger:
        ended = [] if dry_run else await end_dead_runs()
        for name in ended:
            get_run_logger().warning("%s was Running without a heartbeat. It is now Crashed.", name)
        night = await reconcile(ledger, rules, dry_run, is_whole=report)
        night.ended_runs += ended
        page = await result_of(publish_night(night, ledger)) if report else None
        return conclude(night, page)


async def reconcile(ledger: Ledger, rules: NightRules, dry_run: bool, is_whole: bool) -> Night:
    """Observe, inspect and execute; what came of it. Without `is_whole`, see `observe_sites`."""
    name = flow_run.get_name() or "reconcile"
    records = ledger.devices.remembered()
    night = Night(name, utc_now(), dry_run, rules, records, ledger.findings.known())
    async with AsyncExitStack() as stack:
        await observe_sites(stack, night, ledger, is_whole)
        now = utc_now()
        for place in night.places:
            seen = inspected(place.run, place.plan, place.records, night.first_seen)
            night.findings += inspect(seen, rules, now)
            await asyncio.sleep(0)  # lets leases be renewed
        if not dry_run:
            # `save` reads them again: before our claims, another run may have acted on a finding.
            night.known = ledger.findings.save(night.findings, night.checked, now)
            await execute_due(night, ledger, night.due(now))
    return night
