"""The facts of a night: everything that its report shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from fleet.action.action import Action, Adopt, Confirm, Hold
from fleet.device.times import Times
from fleet.nightly.finding import Finding
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from fleet.status.status import DeviceStatus
from fleet.system.enroll import Enroll
from ledger.admission.recorded import Recorded
from ledger.session import Ledger
from reports.nightly.facts import (
    Done,
    NightDevice,
    NightFacts,
    Past,
    Planned,
    QuotaUse,
    ReportedDecision,
    ReportedFinding,
)
from reports.nightly.trend import why_unchecked
from tasks.nightly.execute_due import planned
from tasks.nightly.night import Night, Place
from tasks.runtime.connection_run import utc_now
from tasks.runtime.settings import RunSettings

SHOWN_NIGHTS = 30  # this one included
DAY = timedelta(days=1)
NOT_CHECKED = "not checked tonight; this is its last known state"
NOWHERE = "a former connection"


def night_facts(night: Night, ledger: Ledger) -> NightFacts:
    """Everything that the report of a night shows."""
    settings, now = RunSettings(), utc_now()
    before_this = ledger.nights.last(SHOWN_NIGHTS - 1)
    history = [_past(each.started_at, each.ended_at, each.facts) for each in before_this]
    before = history[-1] if history else None
    devices, head = list(_devices(night, ledger)), ledger.decisions.head()
    return NightFacts(
        run_name=night.name,
        started_at=night.started_at,
        ended_at=now,
        zone=settings.night_zone,
        dry_run=night.is_dry,
        devices=devices,
        reported=[_reported(night, finding) for finding in night.findings],
        done=[*night.done, *_confirmed(night, devices)],
        not_checked=night.not_checked | _nowhere(night, devices),
        history=history,
        missed=_missed(before, night.started_at, ZoneInfo(settings.night_zone)),
        quotas=list(_quotas(night, now)),
        decisions=[
            _reported_decision(row)
            for row in ledger.decisions.between(before.recorded if before else 0, head.count)
        ],
        recorded=head.count,
        planned=list(_planned(night, now)) if night.is_dry else (),
        ended_runs=night.ended_runs,
    )


def _reported_decision(row: Recorded) -> ReportedDecision:
    return ReportedDecision(
        at=row.at,
        by=row.signature,
        decision=row.decision,
        how=row.how,
        site=row.site,
        device=row.device or "",
        reason=row.reason,
    )


def _confirmed(night: Night, devices: Sequence[NightDevice]) -> Iterator[Done]:
    """Devices that this night confirmed: they had come into service before it."""
    for each in devices:
        if each.confirmed and each.confirmed >= night.started_at:
            yield Done(each.site, each.connection, each.device, Confirm.kind, is_done=True)


def _planned(night: Night, now: datetime) -> Iterator[Planned]:
    """What a real run would do: what is planned, and what the rules say."""
    due = night.due(now)
    for place in night.places:
        here = [f for f in night.findings if f.key in due and f.key[:2] == place.key]
        for action in planned(place, here, due):
            if not isinstance(action, Hold):
                for name in _names(action):
                    yield Planned(*place.key, name, action.kind)


def _names(action: Action) -> list[str]:
    """The devices that an action is about; `#12` for a request of no known device."""
    if isinstance(action, Enroll | Adopt):
        return [device.name for device in action.devices]
    return [action.device.name if action.device else f"#{action.request.key}"]


def _nowhere(night: Night, devices: Sequence[NightDevice]) -> dict[str, str]:
    """Why some devices cannot be checked at all; empty when there are none."""
    is_there = any(each.connection == NOWHERE for each in devices)
    return (
        {NOWHERE: "The connection by which these devices came in no longer exists."}
        if is_there
        else {}
    )


def _quotas(night: Night, now: datetime) -> Iterator[QuotaUse]:
    """How much of each connection's quota the whole night used."""
    seconds = (now - night.started_at).total_seconds()
    for connection, system in sorted(night.systems.items()):
        quota = system.profile.quota
        windows = ceil(max(seconds, 1e-9) / quota.window.total_seconds()) if quota else 0
        yield QuotaUse(
            connection,
            str(quota) if quota else "none",
            system.calls,
            seconds,
            windows * quota.calls if quota else None,
        )


def _devices(night: Night, ledger: Ledger) -> Iterator[NightDevice]:
    """Every device of every roster once; what was not checked, by its last known state."""
    seen: set[tuple[str, str, str]] = set()
    otherwise = (each for each in night.findings if each.kind.record.state)
    counted_as = {(*each.key[:2], each.device): each.kind.record.state for each in otherwise}
    for place in night.places:
        known = ledger.memory.times(place.run.claim)
        for status in place.plan.assessment.statuses:
            name = status.device.name
            seen.add((place.site, place.run.system.scope, name))
            device = _of_status(place, status, known.get(name, Times()))
            yield replace(device, state=counted_as.get((*place.key, name)) or device.state)
    for record in night.records:
        is_wanted = record.is_listed and record.state is not State.RETIRED
        if is_wanted and (record.site, record.scope, record.device.name) not in seen:
            yield _of_record(night, record)


def _of_status(place: Place, status: DeviceStatus, known: Times) -> NightDevice:
    request = status.request
    steps = request.steps if request else ()
    bad = [s.name for s in steps if "FAIL" in s.status.upper() or "ERROR" in s.status.upper()]
    timed = [step for step in steps if step.at]
    return NightDevice(
        site=place.site,
        connection=place.run.connection,
        device=status.device.name,
        state=status.state,
        reason=status.reason,
        version=request.version if request else "",
        hardware=request.hardware if request else "",
        failed_step=bad[-1] if bad else "",
        enrolled=known.enrolled,
        asked=known.asked,
        approved=known.approved,
        provisioned=known.provisioned,
        confirmed=known.confirmed,
        steps=tuple(
            (after.name, (after.at - before.at).total_seconds())
            for before, after in pairwise(timed)
            if before.at and after.at
        ),
    )


def _of_record(night: Night, record: DeviceRecord) -> NightDevice:
    is_reported = why_unchecked(night.not_checked, record.site, record.connection) is not None
    return NightDevice(
        site=record.site,
        connection=record.connection if is_reported else NOWHERE,
        device=record.device.name,
        state=record.state,
        reason=NOT_CHECKED,
    )


def _reported(night: Night, finding: Finding) -> ReportedFinding:
    known, needs_attention = night.known.get(finding.key), night.wants_attention(finding)
    return ReportedFinding(
        finding=finding,
        first_seen=known.first_seen if known else night.started_at,
        actions=night.actions_before(finding),
        needs_attention=needs_attention,
        remedy=finding.remedy if needs_attention else "",
        is_new=known is None or known.reported_at is None,
    )


def _missed(before: Past | None, now: datetime, zone: ZoneInfo) -> list[date]:
    """The days since the last night of which there is no report."""
    if before is None:
        return []
    last, today = before.started_at.astimezone(zone).date(), now.astimezone(zone).date()
    return [last + DAY * n for n in range(1, (today - last).days)]


def _past(started_at: datetime, ended_at: datetime, facts: Mapping[str, Any]) -> Past:
    return Past(
        started_at=started_at,
        ended_at=ended_at,
        states={(site, by, state): number for site, by, state, number in facts["states"]},
        kinds=facts["kinds"],
        not_checked=facts["not_checked"],
        stages={name: (p50, p95) for name, (p50, p95) in facts["stages"].items()},
        actions=facts["actions"],
        decisions=facts["decisions"],
        needs_attention=facts["needs_attention"],
        recorded=facts["recorded"],
    )
