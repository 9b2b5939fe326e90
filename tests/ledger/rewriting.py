"""Rows changed by who has the ledger's key, as time or another run would have changed them."""

from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from ledger.keys.record_keys import RecordKeys


def rewrite(
    engine: Engine,
    table: type[SQLModel],
    values: dict[str, Any],
    keys: RecordKeys | None = None,
    **only: object,
) -> None:
    """Set the columns of `values` in all rows, or in those alone that have what `only` says."""
    keys = keys or RecordKeys.load()
    mine = [col(getattr(table, column)) == value for column, value in only.items()]
    with Session(engine) as session:
        for row in session.exec(select(table).where(*mine)).all():
            for column, value in values.items():
                setattr(row, column, value)
            session.flush()
            session.refresh(row)
            keys.sign(row)
        session.commit()
