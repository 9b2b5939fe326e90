"""Back up: everything that the ledger has at one moment, into one file, while runs go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from ledger.admission.chain import GENESIS, Head, Walk
from ledger.database import row_file
from ledger.database.engine import LedgerUnusable, check_there, connect, one_moment, revision_of
from ledger.database.faults import fault_of
from ledger.database.row_file import Contents, Kind

_FORMER = {"batch", "grant", "device_grant"}  # names of tables before revision 0008
_FORMER |= {"review_answer"}  # before revision 0022
_AT_ONCE = 1000  # so many rows are read at a time


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was backed up, and the end of its chain of decisions."""

    contents: Contents
    head: Head


def back_up(url: str, file: Path, now: datetime) -> BackedUp:
    """Back up the ledger at `url` into a new `file`, and read that again.

    Raises LedgerUnusable when that fails, or when what was read does not hold together.
    """
    check_there(url)
    engine = connect(url)
    try:
        with one_moment(engine).execution_options(only_reads=True).connect() as connection:
            revision = revision_of(connection)
            if revision is None:
                raise LedgerUnusable("There is no ledger at that address: nothing to back up.")
            tables = (
                (str(table.name), [*table.columns.keys()], _rows(connection, table))
                for table in ledger_tables(connection).sorted_tables
            )
            row_file.write(file, Kind.BACKUP, revision, tables, now)
    except SQLAlchemyError as error:
        raise LedgerUnusable(f"The ledger cannot be read: {fault_of(error)}") from error
    finally:
        engine.dispose()
    return BackedUp(row_file.check(file, Kind.BACKUP), chain_head(file))


def ledger_tables(connection: Connection) -> MetaData:
    """The ledger's tables as they are there, of whichever revision."""
    tables = MetaData()
    ours = {*SQLModel.metadata.tables, *_FORMER}
    tables.reflect(connection, only=lambda name, _: name in ours)
    return tables


def chain_head(file: Path) -> Head:
    """The end of the chain of decisions in a backup; LedgerUnusable where it is broken."""
    walk = Walk(start=_archived(file))
    for table, row in row_file.rows(file, Kind.BACKUP):
        if table == "decision":
            at = datetime.fromisoformat(row["decided_at"])
            if broken := walk.step(row | {"decided_at": at}):
                raise LedgerUnusable(
                    f"{file} is as the ledger is, but the chain of decisions is broken at {broken}."
                )
    return walk.head


def _archived(file: Path) -> Head:
    """Where the chain in a backup begins: after the decisions that were archived."""
    count, last = 0, GENESIS
    for table, row in row_file.rows(file, Kind.BACKUP):
        if table == "decision_archive":
            count, last = count + row["count"], row["hash"]
    return Head(count, last)


def _rows(connection: Connection, table: Table) -> Iterator[tuple[object, ...]]:
    streamed = connection.execution_options(yield_per=_AT_ONCE)
    for row in streamed.execute(select(table).order_by(*table.primary_key.columns)):
        yield tuple(row)
