"""The journal: every act on a request is written down before it is tried, and again after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Engine, func, insert, update
from sqlmodel import Session, col, select

from fleet.action import Approve, Confirm, Reject, Retire, Retry, Rotate
from ledger.claims import Batch, check_held
from ledger.engine import Also, nothing_else, reading
from ledger.tables import BatchRow, DeviceRow, IntentRow

Act = Approve | Reject | Retry | Retire | Rotate
A = TypeVar("A", bound=Act)


class Outcome(StrEnum):
    """What came of an intent. An intent without an outcome may or may not have happened."""

    DONE = "done"
    REFUSED = "refused"
    KEY_LOST = "key lost"
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
    intents = [
        {
            "batch_id": batch.id,
            "site": batch.site,
            "device": act.device.name if act.device else "",
            "act": act.word,
            "subject": act.request.key,
            "reason": act.reason,
            "intended_at": now,
        }
        for act in acts
    ]
    in_order = insert(IntentRow).returning(col(IntentRow.id), sort_by_parameter_order=True)
    with Session(engine) as session, session.begin():
        check_held(session, batch)
        found = session.scalars(in_order, intents) if intents else ()
        return [id_ for id_ in found if id_ is not None]


def not_sent(engine: Engine, batch: Batch, acts: Sequence[A], since: datetime) -> list[A]:
    """Those of `acts` whose last try by this batch since then surely did not happen, if any was."""
    mine = select(IntentRow.act, IntentRow.subject, IntentRow.outcome).where(
        IntentRow.batch_id == batch.id,
        IntentRow.intended_at >= since,
        col(IntentRow.subject).in_([act.request.key for act in acts]),
    )
    with reading(engine) as session:
        rows = session.exec(mine.order_by(col(IntentRow.id)))
        last = {(act, subject): outcome for act, subject, outcome in rows}
    sent = {tried for tried, outcome in last.items() if outcome != Outcome.NOT_DONE}
    return [act for act in acts if (act.word, act.request.key) not in sent]


def settle(
    engine: Engine, results: Mapping[int, Result], now: datetime, also: Also = nothing_else
) -> None:
    """Record what came of intents; those whose outcome is None stay open.

    `also` writes what must not be known without it, or it without that, such as a key.
    """
    rows = [
        {
            "id": id_,
            "outcome": result.outcome,
            "detail": result.detail,
            "settled_at": now if result.outcome else None,
        }
        for id_, result in results.items()
    ]
    if rows:
        with Session(engine) as session, session.begin():
            session.execute(update(IntentRow), rows)
            also(session)


def open_intents(engine: Engine, batch: Batch) -> list[IntentRow]:
    """The site's intents without an outcome, those of earlier runs included."""
    with reading(engine) as session:
        mine = select(IntentRow).join(BatchRow).where(BatchRow.scope == batch.scope)
        return list(
            session.exec(mine.where(IntentRow.site == batch.site, col(IntentRow.outcome).is_(None)))
        )


def of_batch(engine: Engine, batch: Batch) -> list[IntentRow]:
    """Everything that this batch tried, in that order."""
    with reading(engine) as session:
        mine = select(IntentRow).where(IntentRow.batch_id == batch.id)
        return list(session.exec(mine.order_by(col(IntentRow.id))))


def done(engine: Engine, batch: Batch) -> dict[str, int]:
    """How many acts of each kind, by its word, this batch has done."""
    mine = select(IntentRow.act, func.count()).where(IntentRow.batch_id == batch.id)
    with reading(engine) as session:
        counted = mine.where(IntentRow.outcome == Outcome.DONE).group_by(IntentRow.act)
        return {row[0]: row[1] for row in session.exec(counted)}


def confirm(engine: Engine, batch: Batch, confirmed: Iterable[Confirm], now: datetime) -> None:
    """Record devices as being in service."""
    rows = [
        {
            "scope": batch.scope,
            "site": batch.site,
            "name": act.device.name,
            "confirmed_as": act.request.device_id,
            "confirmed_at": now,
            "changed_at": now,
        }
        for act in confirmed
    ]
    if rows:
        with Session(engine) as session, session.begin():
            session.execute(update(DeviceRow), rows)
