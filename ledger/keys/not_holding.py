"""Not holding: rows that were changed, deleted, or written without the ledger's key, in words."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Table, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session

from ledger.database.engine import LedgerUnusable
from ledger.keys import places
from ledger.keys.facts import LEDGER, required
from ledger.keys.keyed_rows import key_of, keyed_tables, some_rows
from ledger.keys.record_keys import RecordKeys, name_of
from ledger.keys.secret_versions import lacking

_SHOWN = 20


def do_not_hold(names: Sequence[str]) -> str:
    """What is said of rows of those names, the first of them named."""
    return (
        f"In the ledger, these were changed, deleted, or written without its key: {_listed(names)}"
        ". Nothing is done on them. Restore the ledger from a backup."
    )


def check_backed_up(session: Session, keys: RecordKeys, file: Path) -> None:
    """Raise LedgerUnusable unless all rows hold that were read from the backup in `file`."""
    required(session, keys, LEDGER)
    if names := [*not_holding(session, keys)]:
        raise LedgerUnusable(
            f"Nothing was restored. In {file}, these were changed, deleted, or written without "
            f"the ledger's key before it was backed up: {_listed(names)}. Restore an older backup"
        )


def not_holding(session: Session, keys: RecordKeys) -> Iterator[str]:
    """Names of all rows that do not hold, but for decisions, whose chain is checked apart."""
    for table in keyed_tables():
        after = tuple[Any, ...]()
        while table.name != "decision" and (rows := _readable(session, table, after)):
            yield from (_fault(table, row) for row in rows if _is_bad(keys, table, row))
            after = key_of(table, rows[-1])
    yield from lacking(session, keys)
    yield from places.faults(session, keys)


def _is_bad(keys: RecordKeys, table: Table, row: dict[str, Any]) -> bool:
    is_unreadable = any(isinstance(value, _Unreadable) for value in row.values())
    return is_unreadable or not keys.holds(table.name, row)


def _fault(table: Table, row: dict[str, Any]) -> str:
    """Which row it is, and what in it cannot be read."""
    wrong = [name for name, value in row.items() if isinstance(value, _Unreadable)]
    said = f" (unreadable: {', '.join(wrong)})" if wrong else ""
    return f"{name_of(table.name, row)}{said}"


class _Unreadable(NamedTuple):
    """A value that its column cannot hold, such as *soon* for a time."""

    value: Any


def _readable(session: Session, table: Table, after: Sequence[Any]) -> list[dict[str, Any]]:
    """The next rows, also where a value of one cannot be read."""
    try:
        return some_rows(session, table, after)
    except (TypeError, ValueError):
        untyped = [type_coerce(column, NullType()).label(column.name) for column in table.columns]
        rows = some_rows(session, table, after, columns=untyped)
        return [{name: _read(session, table.c[name], row[name]) for name in row} for row in rows]


def _read(session: Session, column: Column[Any], value: Any) -> Any:
    """A value as its column says it is to be read."""
    dialect = session.get_bind().dialect
    process = column.type.dialect_impl(dialect).result_processor(dialect, None)
    try:
        return process(value) if process else value
    except (TypeError, ValueError):
        return _Unreadable(value)


def _listed(names: Sequence[str]) -> str:
    more = f"; and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return "; ".join(names[:_SHOWN]) + more
