"""Findings over the nights: since when each is known, and what was done about it so far."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, update
from sqlmodel import col, select

from fleet.nightly.finding import Finding, Key
from ledger.database.engine import changed, reading, writing
from ledger.database.tables import FindingRow


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a finding from before. `reported_at`: when a report last had it."""

    id: int
    first_seen: datetime
    actions: int = 0
    last_action_at: datetime | None = None
    reported_at: datetime | None = None


class Findings:
    """What nights found."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self) -> dict[Key, Known]:
        """The findings that have not ended, by what makes each the same."""
        with reading(self._engine) as session:
            rows = session.exec(select(FindingRow).where(col(FindingRow.ended_at).is_(None)))
            return {_key(row): _known(row) for row in rows}

    def save(
        self, found: Sequence[Finding], checked: Callable[[Key], bool], now: datetime
    ) -> dict[Key, Known]:
        """Record what was `found`, and end what was `checked` and not found any more.

        A finding that was not checked stays as it is.
        """
        with writing(self._engine) as session:
            rows = session.exec(select(FindingRow).where(col(FindingRow.ended_at).is_(None))).all()
            before = {_key(row): row for row in rows}
            keys = {finding.key for finding in found}
            seen = [
                {"id": before[f.key].id, "last_seen": now, "reason": f.reason}
                for f in found
                if f.key in before
            ]
            missing = [
                {"id": row.id, "ended_at": now}
                for row in rows
                if _key(row) not in keys and checked(_key(row))
            ]
            for changed in (seen, missing):
                if changed:
                    session.execute(update(FindingRow), changed)
            if new := [_row(finding, now) for finding in found if finding.key not in before]:
                session.execute(insert(FindingRow), new)
        return self.known()

    def acted(self, findings: Sequence[Finding], now: datetime) -> None:
        """Count one more remediation for each finding, before it is tried."""
        with writing(self._engine) as session:
            keys = {finding.key for finding in findings}
            rows = session.exec(select(FindingRow).where(col(FindingRow.ended_at).is_(None)))
            for row in rows:
                if _key(row) in keys:
                    row.actions, row.last_action_at = row.actions + 1, now

    def reported(self, known: Iterable[Known], now: datetime) -> None:
        """Record that a report had these."""
        if rows := [{"id": each.id, "reported_at": now} for each in known]:
            with writing(self._engine) as session:
                session.execute(update(FindingRow), rows)

    def prune(self, before: datetime) -> int:
        """Delete findings that ended before that instant; how many they were."""
        with writing(self._engine) as session:
            old = delete(FindingRow).where(col(FindingRow.ended_at) < before)
            return changed(session, old)


def _row(finding: Finding, now: datetime) -> dict[str, object]:
    return {
        "site": finding.site,
        "connection": finding.connection,
        "kind": finding.kind.value,
        "subject": finding.subject,
        "device": finding.device,
        "reason": finding.reason,
        "first_seen": now,
        "last_seen": now,
        "actions": 0,
    }


def _key(row: FindingRow) -> Key:
    return row.site, row.connection, row.kind, row.subject


def _known(row: FindingRow) -> Known:
    return Known(row.id or 0, row.first_seen, row.actions, row.last_action_at, row.reported_at)
