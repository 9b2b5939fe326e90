"""The journal: every act on a request is written down before it is tried, and again after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from fleet.action import Approve, Confirm, Reject, Retry
from ledger.claims import Batch, check_held
from ledger.tables import BatchRow, DeviceRow, IntentRow

Act = Approve | Reject | Retry


class Outcome(StrEnum):
    """What came of an intent. An intent without an outcome may or may not have happened."""

    DONE = "done"
    REFUSED = "refused"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome and what the system said; `outcome` None when nobody knows."""

    outcome: Outcome | None
    detail: str = ""


def intend(engine: Engine, batch: Batch, acts: Sequence[Act], now: datetime) -> list[int]:
    """Record that `acts` are about to be tried; their ids in the journal, in the same order.

    Raises ClaimLost when this batch may not act any more.
    """
    with Session(engine, expire_on_commit=False) as session, session.begin():
        check_held(session, batch)
        rows = [
            IntentRow(
                batch_id=batch.id,
                site=batch.site,
                device=act.device.name,
                act=act.word,
                subject=act.request.key,
                reason=act.reason,
                intended_at=now,
            )
            for act in acts
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows if row.id is not None]


def settle(engine: Engine, results: Mapping[int, Result], now: datetime) -> None:
    """Record what came of intents; those whose outcome is None stay open."""
    with Session(engine) as session, session.begin():
        rows = session.exec(select(IntentRow).where(col(IntentRow.id).in_(list(results)))).all()
        for row in rows:
            result = results[row.id or 0]
            row.outcome, row.detail = result.outcome, result.detail
            row.settled_at = now if result.outcome else None
        _note_approvals(session, rows, now)


def open_intents(engine: Engine, batch: Batch) -> list[IntentRow]:
    """The site's intents without an outcome, those of earlier runs included."""
    with Session(engine) as session:
        mine = select(IntentRow).join(BatchRow).where(BatchRow.scope == batch.scope)
        return list(
            session.exec(mine.where(IntentRow.site == batch.site, col(IntentRow.outcome).is_(None)))
        )


def confirm(engine: Engine, batch: Batch, confirmed: Iterable[Confirm], now: datetime) -> None:
    """Record devices as being in service."""
    with Session(engine) as session, session.begin():
        for act in confirmed:
            row = session.get_one(DeviceRow, (batch.site, act.device.name))
            row.confirmed_as, row.confirmed_at = act.request.device_id, now
            row.changed_at = now


def _note_approvals(session: Session, rows: Iterable[IntentRow], now: datetime) -> None:
    for row in rows:
        if row.act == Approve.word and row.outcome == Outcome.DONE:
            session.execute(
                update(DeviceRow)
                .where(col(DeviceRow.site) == row.site, col(DeviceRow.name) == row.device)
                .values(approved_at=now)
            )
