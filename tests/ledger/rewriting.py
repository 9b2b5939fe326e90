"""Rows changed by who has the ledger's key, as time or another run would have changed them."""

from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from ledger.keys.places import DEVICES, REVIEWS, devices_in, locked, note, reviews_in
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
        session.flush()
        for place, macs in devices_in(session, None).items():
            note(session, keys, DEVICES, locked(session, keys, DEVICES, place), macs)
        for place, macs in reviews_in(session, None).items():
            note(session, keys, REVIEWS, locked(session, keys, REVIEWS, place), macs)
        session.commit()
