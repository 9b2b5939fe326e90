"""Grants: enrolments made for devices, written down before the system is asked for them."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from fleet.action import Adopt, Enrol
from fleet.enrolment import Enrolment
from ledger.claims import Batch
from ledger.tables import DeviceGrantRow, GrantRow


def intend_enrolment(engine: Engine, batch: Batch, action: Enrol, now: datetime) -> datetime:
    """Record that an enrolment is about to be made; the expiry to ask for, which marks it.

    The mark differs in its milliseconds from every other that this ledger knows. An enrolment
    asked for again keeps its mark.
    """
    if action.again:
        return action.expires_at
    with Session(engine) as session, session.begin():
        expiry = _unused_mark(session, action.expires_at)
        _add(session, batch, action, expiry, action.capacity, now, None)
        return expiry


def settle_enrolment(
    engine: Engine, batch: Batch, wanted_expiry: datetime, made: Enrolment
) -> None:
    """Record the enrolment that the system made for the mark `wanted_expiry`."""
    with Session(engine) as session, session.begin():
        for row in _open(session, batch):
            if row.wanted_expiry == wanted_expiry:
                row.enrolment_id = made.id


def adopt(engine: Engine, batch: Batch, action: Adopt, enrolment: Enrolment, now: datetime) -> None:
    """Record that devices ask by an enrolment that somebody else made."""
    with Session(engine) as session, session.begin():
        _add(session, batch, action, enrolment.expires_at, enrolment.capacity, now, enrolment.id)


def find_unanswered(engine: Engine, batch: Batch, seen: Iterable[Enrolment]) -> None:
    """Adopt, by their marks, enrolments whose making was never answered."""
    with Session(engine) as session, session.begin():
        unanswered = _open(session, batch)
        known = set(session.exec(select(GrantRow.enrolment_id))) if unanswered else set()
        for row in unanswered:
            fitting = [e for e in seen if e.id not in known and _carries(e, row)]
            if fitting:
                row.enrolment_id = min(fitting, key=lambda e: e.id).id
                known.add(row.enrolment_id)


def _carries(enrolment: Enrolment, row: GrantRow) -> bool:
    """Whether `enrolment` bears the row's mark; a system may keep times to the second only."""
    mark = row.wanted_expiry
    marks = {mark, mark.replace(microsecond=0)}
    return enrolment.expires_at in marks and enrolment.capacity == row.capacity


def _open(session: Session, batch: Batch) -> list[GrantRow]:
    mine = select(GrantRow).where(GrantRow.site == batch.site, GrantRow.scope == batch.scope)
    return list(session.exec(mine.where(col(GrantRow.enrolment_id).is_(None))))


def _unused_mark(session: Session, expires_at: datetime) -> datetime:
    """An instant within the minute before `expires_at` that no grant bears, to the millisecond."""
    limit = expires_at.replace(microsecond=0)
    since = GrantRow.wanted_expiry >= limit - timedelta(minutes=1)
    used = set(session.exec(select(GrantRow.wanted_expiry).where(since)))
    while True:
        mark = limit - timedelta(milliseconds=secrets.randbelow(60_000))
        if mark not in used:
            return mark


def _add(
    session: Session,
    batch: Batch,
    action: Enrol | Adopt,
    expiry: datetime,
    capacity: int,
    now: datetime,
    enrolment_id: str | None,
) -> None:
    row = GrantRow(
        site=batch.site,
        scope=batch.scope,
        wanted_expiry=expiry,
        capacity=capacity,
        made_at=now,
        enrolment_id=enrolment_id,
    )
    session.add(row)
    session.flush()
    for device in action.devices:
        session.add(DeviceGrantRow(grant_id=row.id or 0, site=batch.site, device=device.name))
