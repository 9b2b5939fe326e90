"""Vouch: the rows of a ledger that had no MACs get them, once."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, and_, bindparam, func, select, tuple_
from sqlmodel import Session, SQLModel, col

from ledger.database.tables import DecisionArchiveRow, DecisionRow
from ledger.keys.facts import APPROVERS, DECISIONS, LEDGER, known, note
from ledger.keys.record_keys import NAMES, RecordKeys

_AT_ONCE = 1000  # so many rows are read and written at a time
_MAC = "new_mac"
_SHOWN = 20


def vouch(session: Session, keys: RecordKeys, now: datetime) -> int:
    """Give every row of a ledger its MAC, unless that was done before; how many rows.

    What was written before is vouched for only from that moment on, which is noted.
    """
    if known(session, keys, LEDGER):
        return 0
    count = sum(_vouched(session, keys, table) for table in keyed_tables())
    note(session, keys, LEDGER, {"id": uuid4().hex, "since": now.isoformat(), "vouched": count})
    note(session, keys, DECISIONS, _end_of_decisions(session))
    note(session, keys, APPROVERS, {"enrolled": [], "decision": 0})
    return count


def keyed_tables() -> Iterator[Table]:
    """The tables whose rows have MACs."""
    for name in NAMES:
        yield SQLModel.metadata.tables[name]


def do_not_hold(names: Sequence[str]) -> str:
    """What is said of rows of those names, the first of them named."""
    shown = "; ".join(names[:_SHOWN])
    more = f"; and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return (
        f"In the ledger, these were changed, or were written without its key: {shown}{more}. "
        "Nothing is done on them. Restore the ledger from a backup."
    )


def not_holding(session: Session, keys: RecordKeys) -> Iterator[str]:
    """Names of all rows that do not hold, but for decisions, whose chain is checked apart."""
    for table in keyed_tables():
        after = tuple[Any, ...]()
        while table.name != "decision" and (rows := some_rows(session, table, after)):
            yield from (
                NAMES[table.name].format(**row) for row in rows if not keys.holds(table.name, row)
            )
            after = key_of(table, rows[-1])


def some_rows(session: Session, table: Table, after: Sequence[Any]) -> list[dict[str, Any]]:
    """The next rows of a table after that of the primary key `after`; () begins."""
    key = [*table.primary_key.columns]
    rows = table.select().order_by(*key).limit(_AT_ONCE)
    if after:
        rows = rows.where(tuple_(*key) > tuple_(*after))
    return [dict(row) for row in session.execute(rows).mappings()]


def give_macs(
    session: Session, keys: RecordKeys, table: Table, rows: Sequence[dict[str, Any]]
) -> None:
    """Write the MACs of rows, by the first key."""
    if not rows:
        return
    key = _key_names(table)
    which = and_(*(table.c[name] == bindparam(f"key_{name}") for name in key))
    session.execute(
        table.update().where(which).values(mac=bindparam(_MAC)),
        [
            {f"key_{name}": row[name] for name in key} | {_MAC: keys.mac(table.name, row)}
            for row in rows
        ],
    )


def key_of(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    """The primary key of a row."""
    return tuple(row[name] for name in _key_names(table))


def _key_names(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _vouched(session: Session, keys: RecordKeys, table: Table) -> int:
    count, after = 0, tuple[Any, ...]()
    while rows := some_rows(session, table, after):
        give_macs(session, keys, table, rows)
        count, after = count + len(rows), key_of(table, rows[-1])
    return count


def _end_of_decisions(session: Session) -> dict[str, Any]:
    archived = select(func.coalesce(func.sum(DecisionArchiveRow.count), 0)).scalar_subquery()
    count = session.execute(select(func.count(col(DecisionRow.id)) + archived)).scalar_one()
    last = select(col(DecisionRow.id), col(DecisionRow.hash)).order_by(col(DecisionRow.id).desc())
    row = session.execute(last.limit(1)).first()
    return {"count": count, "id": row[0] if row else 0, "hash": row[1] if row else ""}
