"""Hand-overs: who took which secrets, when, and locked to whom."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, insert
from sqlmodel import Session, col, select

from fleet.device.handover import HeldSecret
from ledger.database.engine import reading, writing
from ledger.database.tables import ConnectionRunRow, HandoverRow, SecretHandoverRow, SecretRow


@dataclass(frozen=True, slots=True)
class Handover:
    """One file of a site's secrets; `recipient` is a public key, or "passphrase"."""

    site: str
    taken_by: str
    recipient: str
    taken_at: datetime
    file_name: str
    sha256: str


class TakenMeanwhile(Exception):
    """Somebody else took secrets of the site since they were read."""


class Handovers:
    """Who took which secrets."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def knows(self, site: str) -> bool:
        """Whether the ledger has any run or secret of the site."""
        with reading(self._engine) as session:
            found = (
                session.exec(select(table.id).where(table.site == site).limit(1)).first()
                for table in (ConnectionRunRow, SecretRow)
            )
            return any(row is not None for row in found)

    def record(self, handover: Handover, handed: Sequence[HeldSecret]) -> None:
        """Record that `handed` were taken. Raises TakenMeanwhile when somebody was faster.

        Those who took them before they were read are in their `takings`, which was agreed to.
        """
        with writing(self._engine) as session:
            taken = _times_taken(session, handover.site)
            if any(taken.get(each.id, 0) != len(each.takings) for each in handed):
                raise TakenMeanwhile(
                    f"Somebody else took secrets of {handover.site} at the same moment. "
                    "Run it again"
                )
            row = HandoverRow(**asdict(handover), count=len(handed))
            session.add(row)
            session.flush()
            pairs = [{"secret_id": each.id, "handover_id": row.id} for each in handed]
            session.execute(insert(SecretHandoverRow), pairs)


def forget(session: Session, secret_ids: Sequence[int | None]) -> None:
    """Delete which hand-overs had these secrets, in the transaction that deletes the secrets."""
    session.execute(
        delete(SecretHandoverRow).where(col(SecretHandoverRow.secret_id).in_(secret_ids))
    )


def _times_taken(session: Session, site: str) -> dict[int, int]:
    """How often each secret of the site was taken; nobody else takes one until we are done."""
    session.exec(select(SecretRow.id).where(SecretRow.site == site).with_for_update()).all()
    times = (
        select(SecretHandoverRow.secret_id, func.count())
        .join(HandoverRow)
        .where(HandoverRow.site == site)
        .group_by(col(SecretHandoverRow.secret_id))
    )
    return dict(session.exec(times).all())
