"""Nights: what is kept of each, and for how long."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from ledger.engine import reading
from ledger.tables import NightRow


def keep(
    engine: Engine, started_at: datetime, ended_at: datetime, facts: dict[str, Any], report: str
) -> None:
    """Write one night down; `facts` are JSON values."""
    text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
    with Session(engine) as session, session.begin():
        session.add(NightRow(started_at=started_at, ended_at=ended_at, facts=text, report=report))


def last(engine: Engine, count: int) -> list[tuple[NightRow, dict[str, Any]]]:
    """The last `count` nights with their facts, oldest first."""
    wanted = select(NightRow).order_by(col(NightRow.started_at).desc()).limit(count)
    with reading(engine) as session:
        rows = session.exec(wanted).all()
        return [(row, json.loads(row.facts)) for row in reversed(rows)]


def prune(engine: Engine, before: datetime) -> int:
    """Forget nights that began before that instant; how many."""
    with Session(engine) as session, session.begin():
        old = delete(NightRow).where(col(NightRow.started_at) < before)
        return int(getattr(session.execute(old), "rowcount", 0))
