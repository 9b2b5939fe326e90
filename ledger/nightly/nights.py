"""Nights: what the ledger has of each."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete
from sqlmodel import col, select

from ledger.database.engine import changed, reading, writing
from ledger.database.tables import NightRow


@dataclass(frozen=True, slots=True)
class Night:
    """One night. `facts` are JSON values; `report` is where its page was written."""

    started_at: datetime
    ended_at: datetime
    report: str
    facts: dict[str, Any]


class Nights:
    """The nights, such as that of 2026-11-30, which took 4 minutes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(
        self, started_at: datetime, ended_at: datetime, facts: dict[str, Any], report: str
    ) -> None:
        """Record one night; `facts` are JSON values."""
        text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        with writing(self._engine) as session:
            session.add(
                NightRow(started_at=started_at, ended_at=ended_at, facts=text, report=report)
            )

    def last(self, count: int) -> list[Night]:
        """The last `count` nights, oldest first."""
        wanted = select(NightRow).order_by(col(NightRow.started_at).desc()).limit(count)
        with reading(self._engine) as session:
            rows = session.exec(wanted).all()
            return [_night(row) for row in reversed(rows)]

    def prune(self, before: datetime) -> int:
        """Delete nights that began before that instant; how many they were."""
        with writing(self._engine) as session:
            old = delete(NightRow).where(col(NightRow.started_at) < before)
            return changed(session, old)


def _night(row: NightRow) -> Night:
    return Night(row.started_at, row.ended_at, row.report, json.loads(row.facts))
