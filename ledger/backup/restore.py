"""Restore: the ledger becomes what a backup holds; what was there before is set aside."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, DateTime, Integer, MetaData, Table
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from ledger.admission.chain import Head
from ledger.admission.decisions import Decisions
from ledger.backup.at_work import refuse_while_at_work, watch
from ledger.backup.backup import chain_head, ledger_tables
from ledger.backup.damaged import set_damaged_aside
from ledger.database import row_file
from ledger.database.engine import LedgerUnusable, connect, knows, revision_of, upgrade
from ledger.database.faults import fault_of
from ledger.database.private_file import write_new
from ledger.database.row_file import Contents, Kind, Row
from ledger.device.restorations import note
from ledger.keys.not_holding import check_backed_up
from ledger.keys.places import note_all
from ledger.keys.record_keys import RecordKeys
from ledger.keys.rollback import check_not_behind
from ledger.keys.vouch import renew, vouch

_AT_ONCE = 1000  # so many rows are written at a time
_KEYED = "0017"  # the revision since which rows have MACs


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where that is which it replaced; "" when nothing was there.

    `vouched` is how many rows of an older ledger got their MACs; `trouble` why no head was signed.
    """

    contents: Contents
    head: Head
    aside: str
    vouched: int
    trouble: str


def restore(
    url: str,
    file: Path,
    now: datetime,
    *,
    is_complete: bool = False,
    wait: Callable[[float], object] = time.sleep,
) -> Restored:
    """Make the ledger at `url` what the backup in `file` holds, wholly or not at all.

    Its tables are brought up to date. Unless `is_complete`, because nothing was done since the
    backup, keys in it may have been replaced meanwhile. A run that has not ended is watched for as
    long as its lease: `wait` takes the seconds. Raises LedgerUnusable when one is at work, for a
    backup that a newer Muster made, for one that does not hold, and without its key.
    """
    contents, head = row_file.check(file, Kind.BACKUP), chain_head(file)
    if not knows(contents.revision):
        raise LedgerUnusable(
            f"A newer Muster made {file} (its tables are of revision {contents.revision}). "
            "Restore it with that version."
        )
    keys = RecordKeys.load()
    engine = connect(url)
    try:
        damaged = set_damaged_aside(engine.url, _moment(now))
        seen = watch(engine, wait)
        with engine.begin() as connection:
            before = ledger_tables(connection)
            refuse_while_at_work(connection, before, seen)
            aside = _set_aside(connection, before, now)
            upgrade(connection, contents.revision)
            _fill(connection, file, contents)
            upgrade(connection)
            with Session(connection) as session:
                vouched = _vouched_for(session, keys, contents, file, now)
                if is_complete:
                    check_not_behind(session, keys)
                else:
                    renew(session, keys)
                    note(session, contents.taken_at, now)
        _, _, trouble = Decisions(engine).publish_head(now)
    except SQLAlchemyError as error:
        raise LedgerUnusable(f"The ledger cannot be restored: {fault_of(error)}") from error
    except OSError as error:
        raise LedgerUnusable(
            f"Nothing was restored, for what is there cannot be set aside: {error}."
        ) from error
    finally:
        engine.dispose()
    return Restored(contents, head, damaged or aside, vouched, trouble)


def _vouched_for(
    session: Session, keys: RecordKeys, contents: Contents, file: Path, now: datetime
) -> int:
    """Give the rows of an older ledger their MACs; how many. Those of others must hold."""
    if contents.revision < _KEYED:
        return vouch(session, keys, now, is_restored=True)
    check_backed_up(session, keys, file)
    note_all(session, keys)
    return 0


def _moment(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%dt%H%M%Sz}"


def _set_aside(connection: Connection, tables: MetaData, now: datetime) -> str:
    """Move the tables that are there out of the way; where they are then."""
    if not tables.tables:
        return ""
    moment = _moment(now)
    if connection.dialect.name == "sqlite":
        aside = _copied(Path(str(connection.engine.url.database)), moment)
        everything = MetaData()  # the file is the ledger's alone: also what a newer Muster made
        everything.reflect(connection)
        everything.drop_all(connection)
        return aside
    _refuse_newer(connection)
    schema = f"replaced_{moment}"
    connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    for name in (*tables.tables, "alembic_version"):
        connection.execute(sa.text(f'ALTER TABLE "{name}" SET SCHEMA {schema}'))
    for function in ("decision_only_grows", "decision_stays"):
        if connection.scalar(sa.text(f"SELECT to_regproc('{function}') IS NOT NULL")):
            connection.execute(sa.text(f"ALTER FUNCTION {function}() SET SCHEMA {schema}"))
    return f"the schema {schema} of the same database"


def _refuse_newer(connection: Connection) -> None:
    """Refuse what a newer Muster made: it may have tables that are not known to be the ledger's.

    Left there, they would be in that Muster's way when the ledger is brought up to date again.
    """
    revision = revision_of(connection)
    if revision and not knows(revision):
        raise LedgerUnusable(
            f"A newer Muster made the ledger that is there (of revision {revision}). Restore the "
            "backup with that version, or into an empty database."
        )


def _copied(file: Path, moment: str) -> str:
    """A copy of the ledger beside it, made while this transaction keeps others from writing."""
    aside = file.with_name(f"{file.name}.replaced-{moment}")
    write_new(aside, b"")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(aside)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        aside.unlink()  # half a copy is none
        raise OSError(f"no copy can be made as {aside} ({error})") from error
    return str(aside)


def _fill(connection: Connection, file: Path, contents: Contents) -> None:
    """Insert every row; LedgerUnusable unless each table has as many as were backed up."""
    tables = ledger_tables(connection)
    for name, some in groupby(row_file.rows(file, Kind.BACKUP), key=lambda each: each[0]):
        table = tables.tables[name]
        rows = (_typed(table, row) for _, row in some)
        while several := list(islice(rows, _AT_ONCE)):
            connection.execute(table.insert(), several)
        _count_on(connection, table)
    for table in tables.sorted_tables:
        found = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        if found != contents.counts.get(table.name, 0):
            raise LedgerUnusable(f"The table {table.name} was not restored whole.")


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that are there; SQLite does so by itself."""
    numbered = table.primary_key.columns.keys() == ["id"] and isinstance(table.c.id.type, Integer)
    if numbered and connection.dialect.name == "postgresql":
        last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', "id")
        connection.execute(sa.select(sa.func.setval(sequence, last)))


def _typed(table: Table, row: Row) -> Row:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    """A value of a row, as its column wants it: an instant as one, in UTC."""
    if isinstance(kind, DateTime) and value is not None:
        return datetime.fromisoformat(value).astimezone(UTC)
    return value
