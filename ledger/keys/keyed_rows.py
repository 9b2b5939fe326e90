"""Keyed rows: the tables whose rows have MACs, read and keyed a part at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, select, tuple_
from sqlmodel import Session, SQLModel

from ledger.keys.record_keys import NAMES, RecordKeys

_AT_ONCE = 1000  # so many rows are read and written at a time
_MAC = "new_mac"


def keyed_tables() -> Iterator[Table]:
    """The tables whose rows have MACs."""
    for name in NAMES:
        yield SQLModel.metadata.tables[name]


def some_rows(
    session: Session,
    table: Table,
    after: Sequence[Any],
    *,
    lock: bool = False,
    count: int = _AT_ONCE,
    columns: Sequence[ColumnElement[Any]] = (),
) -> list[dict[str, Any]]:
    """The next rows of a table after that of the primary key `after`; () begins."""
    key = [*table.primary_key.columns]
    rows = select(*(columns or table.columns)).order_by(*key).limit(count)
    if after:
        rows = rows.where(tuple_(*key) > tuple_(*after))
    rows = rows.with_for_update() if lock else rows
    return [dict(row) for row in session.execute(rows).mappings()]


def give_macs(
    session: Session, keys: RecordKeys, table: Table, rows: Sequence[dict[str, Any]]
) -> None:
    """Write the MACs of rows, by the first key."""
    if not rows:
        return
    key = _key_names(table)
    which = and_(*(table.c[name] == bindparam(f"which_{name}") for name in key))
    session.execute(
        table.update().where(which).values(mac=bindparam(_MAC)),
        [
            {f"which_{name}": row[name] for name in key} | {_MAC: keys.mac(table.name, row)}
            for row in rows
        ],
    )


def key_of(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    """The primary key of a row."""
    return tuple(row[name] for name in _key_names(table))


def _key_names(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]
