"""Observe sites: each connection once, and what it shows of every site that came in by it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from connections.named import find, known
from fleet.nightly.finding import Finding
from fleet.nightly.unlisted import Listing
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from fleet.status.admission_model import model_of
from fleet.system.system import System
from fleet.text.expected import ExpectedError
from ledger.database.settings import LedgerSettings
from ledger.session import Ledger
from ledger.state.claims import Claimed
from systems.shared.errors import ApiError
from tasks.nightly.inspection import desired_anew, run_over
from tasks.nightly.night import Night, Place
from tasks.pipeline.observe import observed
from tasks.pipeline.plan import plan
from tasks.runtime.connection_run import ConnectionRun, claimed


async def observe_sites(
    stack: AsyncExitStack, night: Night, ledger: Ledger, is_whole: bool
) -> None:
    """Observe every connection once; without `is_whole`, only sites where a device is on its way.

    What is opened and claimed for it stays so until `stack` is closed.
    """
    names = await _connections(night.records)
    await asyncio.gather(
        *(_observe_connection(stack, night, ledger, each, is_whole) for each in names)
    )
    night.places.sort(key=lambda place: place.key)


async def _connections(records: Sequence[DeviceRecord]) -> list[str]:
    """The connections by which devices came in; all, where the ledger does not say which."""
    names = {each.connection for each in records if each.connection}
    if any(not each.connection for each in records):
        names |= {each.name for each in await known() if each.is_set_up}
    return sorted(names)


async def _observe_connection(
    stack: AsyncExitStack, night: Night, ledger: Ledger, name: str, is_whole: bool
) -> None:
    """Observe every site of one connection, or note why that could not be done."""
    try:
        found = await find(name)
        system = await stack.enter_async_context(found.opened())
    except ExpectedError as error:
        night.not_checked[name] = str(error)
        return
    system.only_observe_once()
    night.systems[name] = system
    runs = await _claimed_runs(stack, night, ledger, name, system, is_whole)
    places: list[Place] = []
    for run in runs:
        try:
            places.append(await _observe_site(night, run))
        except ApiError as error:  # its other sites would fail in the same way
            night.not_checked[name] = str(error)
            return
        except ExpectedError as error:
            night.not_checked[run.subject] = str(error)
    night.places += places
    sites = {each.site for each in night.records_at(system.scope, name)}
    if is_whole and places and {place.site for place in places} == sites:
        night.findings += _unlisted(night, places, ledger)
        if not any(place.plan.observed.may_hide for place in places):
            night.whole.add(name)


async def _claimed_runs(
    stack: AsyncExitStack,
    night: Night,
    ledger: Ledger,
    connection: str,
    system: System,
    is_whole: bool,
) -> list[ConnectionRun]:
    """A run for each site to be observed: all, or those in which a device is on its way.

    All are claimed before the one observation that serves them all, and their devices are read
    again after that: until its claim, another run may have changed anything at a site.
    """
    records = night.records_at(system.scope, connection)
    runs: list[ConnectionRun] = []
    for site in sorted({each.site for each in records if is_whole or each.is_on_its_way}):
        subject = f"{site} by {connection}"
        wanted = [each for each in records if each.site == site and each.is_managed]
        try:
            run = await run_over(night.name, subject, connection, system, ledger, site, wanted)
            if not night.is_dry:
                await stack.enter_async_context(claimed(run, LedgerSettings().lease))
        except Claimed as error:
            if error.run_id in {each.claim.id for each in runs}:
                night.not_checked[subject] = (
                    f"{error.device} is on the roster of {error.site}, too, where this night "
                    "checks it: a device belongs to one site. Take it off one of the rosters."
                )
            else:
                night.busy.add(subject)
                night.not_checked[subject] = f"{error} That run observes them."
        except ExpectedError as error:
            night.not_checked[subject] = str(error)
        else:
            runs.append(run)
    night.refresh(ledger.devices.remembered(system.scope))
    return runs


async def _observe_site(night: Night, run: ConnectionRun) -> Place:
    site, system = run.desired.site, run.system
    records = [each for each in night.records_at(system.scope, run.connection) if each.site == site]
    mine = {device.name for device in run.desired.devices}
    wanted = [each for each in records if each.is_managed and each.device.name in mine]
    run.desired = desired_anew(run, wanted)
    found = plan(run, await observed(run))
    retired = [each.device for each in records if each.state is State.RETIRED]
    if retired and model_of(system.profile).shows_only_named:
        more = await observed(run, retired)
        found.observed = replace(
            found.observed,
            requests=(*found.observed.requests, *more.requests),
            enrollments=(*found.observed.enrollments, *more.enrollments),
            present=found.observed.present | more.present,
        )
    return Place(run, found, records)


def _unlisted(night: Night, places: Sequence[Place], ledger: Ledger) -> list[Finding]:
    """Findings about what the system has in service and no roster of its `places` names."""
    run = places[0].run
    statuses = (s for place in places for s in place.plan.assessment.statuses)
    listing = Listing(
        connection=run.connection,
        system_profile=run.system.profile,
        observed=places[0].plan.observed,
        records=night.records_at(run.system.scope, run.connection),
        codes=ledger.enrollments.sites_by_code(run.system.scope),
        first_seen=night.first_seen,
        matched=frozenset(s.request.key for s in statuses if s.request),
    )
    return listing.unlisted(night.started_at)
