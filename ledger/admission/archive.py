"""The archive: files of the oldest decisions, of which the ledger has the count and the hash."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from ledger.admission.chain import GENESIS, Head
from ledger.database import row_file
from ledger.database.engine import LedgerUnusable
from ledger.database.row_file import Kind, Row
from ledger.database.tables import DecisionArchiveRow
from ledger.keys.record_keys import RecordKeys


class ArchiveUnusable(Exception):
    """An archive is not where it should be, or not as it was written; the message says which.

    `decision` is the number of the first that it should hold.
    """

    def __init__(self, decision: int, message: str) -> None:
        self.decision = decision
        super().__init__(message)


def head(session: Session) -> Head:
    """The last decision that was archived, and how many are."""
    count = select(func.coalesce(func.sum(DecisionArchiveRow.count), 0)).scalar_subquery()
    last = select(DecisionArchiveRow.hash, count).order_by(col(DecisionArchiveRow.id).desc())
    row = session.exec(last.limit(1)).first()
    return Head(row[1], row[0]) if row else Head(0, GENESIS)


def links(session: Session, folder: Path, keys: RecordKeys | None) -> Iterator[Row]:
    """Every archived decision, oldest first; vouched for by its archive's MAC.

    Raises ArchiveUnusable where a file is not as it was written.
    """
    count = 0
    for row in session.exec(select(DecisionArchiveRow).order_by(col(DecisionArchiveRow.id))):
        if keys and not keys.holds("decision_archive", row.model_dump()):
            reason = f"the archive {row.file_name} was noted without the ledger's key"
            raise ArchiveUnusable(count + 1, reason)
        file = folder / row.file_name
        try:
            is_same = row_file.check(file, Kind.DECISIONS).sha256 == row.sha256
        except LedgerUnusable as error:
            raise ArchiveUnusable(count + 1, str(error).rstrip(".")) from error
        if not is_same:
            raise ArchiveUnusable(count + 1, f"{file} is not the archive that was written")
        for _, link in row_file.rows(file, Kind.DECISIONS):
            yield link | {"decided_at": datetime.fromisoformat(link["decided_at"])}
        count += row.count


def store(
    session: Session, keys: RecordKeys, folder: Path, rows: Sequence[Row], now: datetime
) -> Path:
    """Write `rows` to a file and record it, in the transaction that deletes them; the file."""
    columns = [name for name in rows[0] if name != "mac"]
    first, last = rows[0], rows[-1]
    file = folder / f"decisions-{first['id']}-{last['id']}-{last['hash'][:8]}.jsonl.gz"
    with suppress(OSError):  # of an attempt that was never recorded: its rows are these
        file.unlink()
    values = ([row[name] for name in columns] for row in rows)
    # As of the last decision, not of today: written again after a restore, the file is the same.
    tables = [("decision", columns, values)]
    row_file.write(file, Kind.DECISIONS, "", tables, last["decided_at"])
    facts: dict[str, Any] = {
        "last_id": last["id"],
        "count": len(rows),
        "hash": last["hash"],
        "file_name": file.name,
        "sha256": row_file.check(file, Kind.DECISIONS).sha256,
        "archived_at": now,
    }
    last_id = session.exec(select(func.max(DecisionArchiveRow.id))).one()
    row = keys.keyed(DecisionArchiveRow, facts | {"id": (last_id or 0) + 1})
    session.execute(insert(DecisionArchiveRow).values(row))
    return file
