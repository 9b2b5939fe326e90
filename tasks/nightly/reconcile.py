"""Reconciling: one observation of everything, what is wrong, and what the rules say to do."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from connections.named import find, known
from fleet.action.action import Action, Approve, Reject, Retry
from fleet.admission.evidence_collection import EvidenceCollection
from fleet.device.device import Device
from fleet.device.request import Progress
from fleet.nightly.finding import Finding, Key
from fleet.nightly.inspection import inspect
from fleet.nightly.rule import Remediation
from fleet.nightly.rules import AS_THEY_SAY, NightRules
from fleet.nightly.unlisted import Listing
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.match import match
from fleet.state.record import DeviceRecord
from fleet.status.admission_model import model_of
from fleet.system.enroll import Enroll
from fleet.system.system import System
from fleet.text.expected import ExpectedError
from ledger.database.settings import LedgerSettings
from ledger.session import Ledger
from ledger.state.claims import Claimed
from ledger.state.journal import Outcome
from reports.nightly.facts import Done
from systems.shared.errors import ApiError
from tasks.nightly.inspection import desired_over, inspected, run_over
from tasks.nightly.night import Night, Place
from tasks.pipeline.execute import execute
from tasks.pipeline.observe import observe, observed
from tasks.pipeline.plan import plan
from tasks.runtime.connection_run import ConnectionRun, claimed, utc_now


async def reconcile(ledger: Ledger, rules: NightRules, dry_run: bool, is_whole: bool) -> Night:
    """Observe every connection once, write down what is wrong, and do what the rules say.

    Without `is_whole`, only at sites where something still waits: to carry that on.
    """
    name = flow_run.get_name() or "reconcile"
    record = ledger.devices.remembered()
    night = Night(name, utc_now(), dry_run, rules, record, ledger.findings.known())
    async with AsyncExitStack() as stack:
        names = await _connections(record)
        await asyncio.gather(
            *(_observe_connection(stack, night, ledger, each, is_whole) for each in names)
        )
        night.places.sort(key=lambda place: place.key)
        now = utc_now()
        for place in night.places:
            seen = inspected(place.run, place.plan, place.records, night.first_seen)
            night.findings += inspect(seen, rules, now)
            await asyncio.sleep(0)  # lets leases be renewed
        if not dry_run:
            # Read anew with this: before our claims, another run may have acted on what is found.
            night.known = ledger.findings.save(night.findings, night.checked, now)
            await _execute(night, ledger, night.due(now))
    return night


async def _connections(records: Sequence[DeviceRecord]) -> list[str]:
    """The connections by which anything ever came in; any, where the ledger does not say which."""
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
        except ApiError as error:  # so is every other site of it
            night.not_checked[name] = str(error)
            return
        except ExpectedError as error:
            night.not_checked[run.subject] = str(error)
    night.places += places
    sites = {each.site for each in night.records_at(system.scope, name)}
    if is_whole and places and {place.site for place in places} == sites:
        night.findings += _unlisted(night, places, ledger)
        if not any(place.plan.observed.truncated for place in places):
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
            run = run_over(night.name, subject, connection, system, ledger, site, wanted)
            if not night.is_dry:
                await stack.enter_async_context(claimed(run, LedgerSettings().lease))
        except Claimed as error:
            night.busy.add(subject)
            night.not_checked[subject] = f"{error} It looks at them itself"
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
    run.desired = desired_over(site, run.connection, system, wanted)
    found = plan(run, await observed(run))
    retired = [each.device for each in records if each.state is State.RETIRED]
    if retired and model_of(system.profile).shows_only_named:
        more = await observe(run, retired)
        found.observed = replace(
            found.observed,
            requests=(*found.observed.requests, *more.requests),
            enrollments=(*found.observed.enrollments, *more.enrollments),
            present=found.observed.present | more.present,
        )
    return Place(run, found, records)


def _unlisted(night: Night, places: Sequence[Place], ledger: Ledger) -> list[Finding]:
    """What the system of `places` has in service and no roster names, at whichever site."""
    run = places[0].run
    statuses = (s for place in places for s in place.plan.assessment.statuses)
    listing = Listing(
        connection=run.connection,
        system_profile=run.system.profile,
        observed=places[0].plan.observed,
        records=night.records_at(run.system.scope, run.connection),
        codes=ledger.grants.sites_by_code(run.system.scope),
        first_seen=night.first_seen,
        matched=frozenset(s.request.key for s in statuses if s.request),
    )
    return listing.unlisted(night.started_at)


async def _execute(night: Night, ledger: Ledger, due: dict[Key, Remediation]) -> None:
    """Do what planning and the rules say, at all places at once; then tell what came of it."""
    acted = [finding for finding in night.findings if finding.key in due]
    if acted:
        ledger.findings.acted(acted, utc_now())
        night.known = ledger.findings.known()
    outcomes = await asyncio.gather(
        *(
            _execute_at(place, [f for f in acted if f.key[:2] == place.key], due)
            for place in night.places
        ),
        return_exceptions=True,
    )
    for place, outcome in zip(night.places, outcomes, strict=True):
        if isinstance(outcome, ExpectedError):
            get_run_logger().warning("%s: %s", place.run.subject, str(outcome))
        elif isinstance(outcome, BaseException):
            raise outcome
        night.done += _done(ledger, place)


async def _execute_at(place: Place, acted: Sequence[Finding], due: dict[Key, Remediation]) -> None:
    actions = planned(place, acted, due)
    if actions:
        await execute(place.run, actions)


def planned(place: Place, acted: Sequence[Finding], due: dict[Key, Remediation]) -> list[Action]:
    """What planning says, but enrolments only where a rule does; and what the rules say."""
    again = {f.device for f in acted if due[f.key] is Remediation.RE_ENROLL}
    actions: list[Action] = []
    for action in place.plan.actions:
        if not isinstance(action, Enroll):
            actions.append(action)
        elif devices := tuple(d for d in action.devices if d.name in again):
            actions.append(
                action if action.again else replace(action, devices=devices, capacity=len(devices))
            )
    statuses = {s.device.name: s for s in place.plan.assessment.statuses}
    for finding in acted:
        status = statuses.get(finding.device or "")
        request = status.request if status else None
        if due[finding.key] is Remediation.RETRY and status and request:
            actions.append(Retry(status.device, request, AS_THEY_SAY))
        if due[finding.key] is Remediation.REJECT:
            actions += _rejections(place, finding, status.device if status else None)
    return actions


def _rejections(place: Place, finding: Finding, device: Device | None) -> list[Reject]:
    """The request that the finding is about, turned away; none when it is decided already."""
    request = place.plan.observed.request_by_key.get(finding.request_key or "")
    if request is None or request.progress is not Progress.WAITING:
        return []
    decided = (a.request.key for a in place.plan.actions if isinstance(a, Approve | Reject))
    if request.key in decided:
        return []
    run, observed, memory = place.run, place.plan.observed, place.plan.memory
    matching = match(run.desired.devices, observed, memory)
    collection = EvidenceCollection(run.desired, observed, memory, matching)
    evidence = model_of(run.desired.system_profile).evidence(collection)
    return [Reject(device, request, AS_THEY_SAY, evidence.get(request.key), is_by_night_rules=True)]


def _done(ledger: Ledger, place: Place) -> list[Done]:
    """What was tried there tonight, and what came of it."""
    run = place.run
    tried = [
        Done(
            *place.key,
            row.device,
            row.action,
            row.outcome == Outcome.DONE,
            _result(row.outcome, row.detail),
        )
        for row in ledger.journal.of_claim(run.claim)
    ]
    enrolled = [
        Done(
            *place.key,
            device.name,
            ActionKind.ENROLL,
            device.name not in run.refused_enrollments,
            run.refused_enrollments.get(device.name, "done"),
        )
        for device in run.enrolled
    ]
    return [*enrolled, *tried]


def _result(outcome: str | None, detail: str) -> str:
    if outcome is None:
        return f"not answered: {detail}"
    return f"{outcome}: {detail}" if detail else outcome
