"""A night's report: its facts, as a page, a workbook, tables and artifacts, and what is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prefect import task
from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_table_artifact,
)
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Engine

from fleet.action import Action, Adopt, Confirm, Enrol, Hold, Retry
from fleet.finding import Deed, Finding
from fleet.kept import Kept
from fleet.next_step import STEPS
from fleet.standing import Standing, State
from fleet.times import Times
from ledger import decisions, findings, nights
from ledger.recall import times
from ledger.tables import DecisionRow
from reports.night_facts import (
    DecisionTold,
    Done,
    NightFacts,
    Past,
    Planned,
    QuotaUse,
    Stood,
    Told,
)
from reports.night_frames import needs_frame
from reports.night_markdown import to_markdown
from reports.night_page import to_html
from reports.night_trend import as_past, why_unchecked
from reports.night_workbook import devices_csv, needs_csv, to_xlsx
from reports.table import to_rows
from tasks.night import Night, Place
from tasks.publishing import SHOWN_ROWS
from tasks.reconciling import planned
from tasks.run import utc_now
from tasks.settings import RunSettings

SHOWN_NIGHTS = 30  # this one included
DAY = timedelta(days=1)
NOT_CHECKED = "not checked tonight; so it stood before"
NOWHERE = "a connection that is gone"
WORDS = {Retry.word: Deed.RETRY.value}  # of the journal, as a table says them


@task(task_run_name="publish the report of the night", cache_policy=NO_CACHE)
async def publish_night(night: Night, engine: Engine) -> Path:
    """Write the page, the workbook and the tables of a night, show them, and keep its counts."""
    facts = night_facts(night, engine)
    page = _written(facts)
    needs = needs_frame(facts)
    await acreate_markdown_artifact(
        markdown=to_markdown(facts, page.resolve().as_uri()),
        key="night",
        description="What the last night found, did, and could not look at",
    )
    await acreate_table_artifact(
        table=to_rows(needs[:SHOWN_ROWS]), key="night-needs", description="What needs a hand"
    )
    await acreate_link_artifact(
        link=page.resolve().as_uri(),
        link_text=page.name,
        key="night-report",
        description="The page of the night, on the worker",
    )
    if not night.is_dry:
        _keep(night, facts, engine, page)
    return page


def night_facts(night: Night, engine: Engine) -> NightFacts:
    """Everything that the report of a night tells."""
    settings, now = RunSettings(), utc_now()
    before_this = nights.last(engine, SHOWN_NIGHTS - 1)
    history = [_past(row.started_at, row.ended_at, kept) for row, kept in before_this]
    before = history[-1] if history else None
    stood = list(_stood(night, engine))
    return NightFacts(
        run_name=night.name,
        started_at=night.started_at,
        ended_at=now,
        zone=settings.night_zone,
        dry_run=night.is_dry,
        stood=stood,
        told=[_told(night, finding, before) for finding in night.findings],
        done=[*_done(night), *_confirmed(night, stood)],
        not_checked=night.not_checked | _nowhere(night, stood),
        history=history,
        missed=_missed(before, night.started_at, ZoneInfo(settings.night_zone)),
        quotas=[_quota_use(night, use, now) for use in night.quotas],
        decisions=[
            _decision_told(row)
            for row in decisions.since(engine, before.ended_at if before else night.started_at)
            if row.decided_at < now  # each is told by one night alone
        ],
        decisions_head=str(decisions.head(engine)),
        planned=list(_planned(night, now)) if night.is_dry else (),
        ended_runs=night.ended_runs,
    )


def _decision_told(row: DecisionRow) -> DecisionTold:
    return DecisionTold(
        at=row.decided_at,
        by=row.decided_by,
        decision=row.decision,
        how=row.how,
        site=row.site,
        device=row.device or "",
        reason=row.reason,
    )


def _done(night: Night) -> Iterator[Done]:
    for done in night.done:
        yield replace(done, deed=WORDS.get(done.deed, done.deed))


def _confirmed(night: Night, stood: Sequence[Stood]) -> Iterator[Done]:
    """Who came into service before this night, and was found there by it."""
    for each in stood:
        if each.confirmed and each.confirmed >= night.started_at:
            yield Done(each.site, each.connection, each.device, Confirm.word, "done")


def _planned(night: Night, now: datetime) -> Iterator[Planned]:
    """What a real run would do: what planning says, and what the rules say."""
    due = night.due(now)
    for place in night.places:
        here = [f for f in night.findings if f.key in due and f.key[:2] == place.key]
        for action in planned(place, here, due):
            if not isinstance(action, Hold):
                word = WORDS.get(action.word, action.word)
                for name in _names(action):
                    yield Planned(*place.key, name, word)


def _names(action: Action) -> list[str]:
    """Whom an action is about."""
    if isinstance(action, Enrol | Adopt):
        return [device.name for device in action.devices]
    return [action.device.name if action.device else f"#{action.request.key}"]


def _nowhere(night: Night, stood: Sequence[Stood]) -> dict[str, str]:
    """Why nothing can be shown of some devices; nothing when there are none."""
    is_there = any(each.connection == NOWHERE for each in stood)
    return {NOWHERE: "Some devices came in by none of today's connections."} if is_there else {}


def _quota_use(night: Night, use: QuotaUse, now: datetime) -> QuotaUse:
    """The whole night's use: also of what was done after the look."""
    systems = (p.run.system for p in night.places if p.run.connection == use.connection)
    system, seconds = next(systems, None), (now - night.started_at).total_seconds()
    if system is None:
        return use
    quota = system.manner.quota
    windows = ceil(max(seconds, 1e-9) / quota.window.total_seconds()) if quota else 0
    allowed = windows * quota.calls if quota else None
    return replace(use, calls=system.calls, seconds=seconds, allowed=allowed)


def _stood(night: Night, engine: Engine) -> Iterator[Stood]:
    """Every device of every roster once; those not looked at as they stood before."""
    seen: set[tuple[str, str, str]] = set()
    for place in night.places:
        known = times(engine, place.run.batch)
        for standing in place.look.assessment.standings:
            name = standing.device.name
            seen.add((place.site, place.run.system.scope, name))
            yield _of_standing(place, standing, known.get(name, Times()))
    for kept in night.kept:
        is_wanted = kept.is_listed and kept.state is not State.RETIRED
        if is_wanted and (kept.site, kept.scope, kept.device.name) not in seen:
            yield _of_kept(night, kept)


def _of_standing(place: Place, standing: Standing, known: Times) -> Stood:
    request = standing.request
    steps = request.steps if request else ()
    bad = [s.name for s in steps if "FAIL" in s.status.upper() or "ERROR" in s.status.upper()]
    timed = [step for step in steps if step.at]
    return Stood(
        site=place.site,
        connection=place.run.connection,
        device=standing.device.name,
        state=standing.state,
        reason=standing.reason,
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


def _of_kept(night: Night, kept: Kept) -> Stood:
    is_told = why_unchecked(night.not_checked, kept.site, kept.connection) is not None
    return Stood(
        site=kept.site,
        connection=kept.connection if is_told else NOWHERE,
        device=kept.device.name,
        state=kept.state,
        reason=NOT_CHECKED,
    )


def _told(night: Night, finding: Finding, before: Past | None) -> Told:
    known, rule = night.known.get(finding.key), night.rules.rule(finding)
    acts = night.acts_before(finding)
    needs_hand = rule.do is Deed.REPORT or rule.is_exhausted(acts)
    return Told(
        finding=finding,
        first_seen=known.first_seen if known else night.started_at,
        acts=acts,
        needs_hand=needs_hand,
        step=STEPS[finding.kind] if needs_hand else "",
        is_new=known is None or known.told_at is None,
    )


def _missed(before: Past | None, now: datetime, zone: ZoneInfo) -> list[date]:
    """The days since the last night of which there is no report."""
    if before is None:
        return []
    last, today = before.started_at.astimezone(zone).date(), now.astimezone(zone).date()
    return [last + DAY * n for n in range(1, (today - last).days)]


def _written(facts: NightFacts) -> Path:
    folder = RunSettings().reports
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"night-{facts.started_at:%Y%m%dT%H%M%SZ}" + ("-dry" if facts.dry_run else "")
    page = folder / f"{stem}.html"
    page.write_text(to_html(facts), encoding="utf-8")
    (folder / f"{stem}.xlsx").write_bytes(to_xlsx(facts))
    for name, table in (("needs", needs_csv(facts)), ("devices", devices_csv(facts))):
        file = folder / f"{stem}-{name}.csv"
        file.write_text(table, encoding="utf-8-sig", newline="")  # Excel wants the mark
    return page


def _keep(night: Night, facts: NightFacts, engine: Engine, page: Path) -> None:
    """Keep the night's counts, and forget nights that are too old."""
    findings.told(engine, facts.ended_at)
    nights.keep(engine, facts.started_at, facts.ended_at, _counts(facts), str(page))
    limit = night.started_at - RunSettings().nights_kept
    nights.prune(engine, limit)
    findings.prune(engine, limit)


def _counts(facts: NightFacts) -> dict[str, Any]:
    """What is kept of a night, as JSON values; see `Past`."""
    past = as_past(facts)
    return {
        "states": [[*key, number] for key, number in sorted(past.states.items())],
        "kinds": dict(past.kinds),
        "not_checked": dict(past.not_checked),
        "stages": {name: list(times) for name, times in past.stages.items()},
        "acts": past.acts,
        "decisions": past.decisions,
        "needs_hand": past.needs_hand,
    }


def _past(started_at: datetime, ended_at: datetime, kept: Mapping[str, Any]) -> Past:
    return Past(
        started_at=started_at,
        ended_at=ended_at,
        states={(site, by, state): number for site, by, state, number in kept["states"]},
        kinds=kept["kinds"],
        not_checked=kept["not_checked"],
        stages={name: (p50, p95) for name, (p50, p95) in kept["stages"].items()},
        acts=kept["acts"],
        decisions=kept["decisions"],
        needs_hand=kept.get("needs_hand"),  # not kept of the first nights
    )
