"""Restorations: when the ledger was restored from a backup, so that it may lack what came after."""

from datetime import datetime

from sqlalchemy import Engine, func, insert, update
from sqlmodel import Session, col, select

from ledger.database.engine import changed, writing
from ledger.database.tables import RestorationRow


class Restorations:
    """When the ledger was restored, and as of when."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def trust(self, now: datetime) -> int:
        """Record that no key was replaced between the backups and their restorations; how many."""
        with writing(self._engine) as session:
            doubtful = update(RestorationRow).where(col(RestorationRow.trusted_at).is_(None))
            return changed(session, doubtful.values(trusted_at=now))


def note(session: Session, taken_at: datetime, now: datetime) -> None:
    """Record, in the transaction that restores it, that the ledger is as it was at `taken_at`."""
    session.execute(insert(RestorationRow).values(taken_at=taken_at, restored_at=now))


def restored_at(session: Session) -> datetime | None:
    """When the ledger was restored last, unless no key was replaced meanwhile."""
    last = select(func.max(RestorationRow.restored_at))
    return session.exec(last.where(col(RestorationRow.trusted_at).is_(None))).one()
