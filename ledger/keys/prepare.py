"""Prepare: the ledger's tables are made or brought up to date, and its rows vouched for once."""

from datetime import UTC, datetime

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from ledger.database.engine import LedgerUnusable, connect, upgrade
from ledger.database.faults import fault_of
from ledger.database.settings import LedgerSettings
from ledger.database.tables import KeyedFactRow, SealingKeyRow, SecretRow
from ledger.keys.record_keys import RecordKeys
from ledger.keys.sealing_key import check_present, sealing_keys
from ledger.keys.vouch import vouch


def prepare(url: str) -> int:
    """Create the ledger's tables or bring them up to date; doing so again changes nothing.

    How many rows of an older ledger got their MACs, which those of this version have from the
    first. Raises LedgerUnusable.
    """
    engine = connect(url)
    try:
        with engine.begin() as connection:
            upgrade(connection)
            with Session(connection) as session:
                return vouch(session, _keys(session), datetime.now(UTC))
    except SQLAlchemyError as error:
        raise LedgerUnusable(f"The ledger cannot be prepared: {fault_of(error)}") from error
    except CommandError as error:
        raise LedgerUnusable(
            f"A newer Muster made the ledger's tables. Use that version: {error}"
        ) from error
    finally:
        engine.dispose()


def _keys(session: Session) -> RecordKeys:
    """The keys here. One is made where nothing was sealed or vouched for with another yet."""
    settings = LedgerSettings()
    for table in (SecretRow, SealingKeyRow, KeyedFactRow):
        if session.exec(select(table).limit(1)).first():
            check_present(settings)
    return RecordKeys(sealing_keys(settings))
