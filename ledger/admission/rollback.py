"""Rollback: nobody acts on a record that is behind its signed heads, or ends elsewhere than noted.

What is read for it is a few rows and the last lines of MUSTER_DECISION_HEADS, once for each run.
"""

from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from ledger.admission.decisions import check_end
from ledger.admission.end import counted
from ledger.admission.recorded import CHECKED
from ledger.database.engine import LedgerUnusable, one_moment, reading
from ledger.database.tables import DecisionArchiveRow, DecisionRow
from ledger.keys import facts
from ledger.keys.facts import DECISIONS, LEDGER, Facts
from ledger.keys.heads import (
    COUNTED,
    HeadSettings,
    Line,
    counts_more,
    last_lines,
    limit_of,
    signed_by,
)
from ledger.keys.record_keys import RecordKeys
from ledger.keys.signing import Signer


class RolledBack(LedgerUnusable):
    """The ledger is behind a head that was signed for it."""

    def __init__(self, file: Path, line: Line, why: str) -> None:
        super().__init__(
            f"The ledger is older than what was signed on {line['at']} ({file}): {why}. It was put "
            "back to an older state, or its end was cut off. Nothing is done on it. Restore a "
            "backup by: muster ledger restore. That is also how a copy is put back"
        )


def refuse_rollback(engine: Engine) -> None:
    """Raise LedgerUnusable where the record is behind its heads, or was cut off or added to."""
    with reading(one_moment(engine)) as session:
        check_not_behind(session, RecordKeys.load())


def check_not_behind(session: Session, keys: RecordKeys) -> None:
    """The same within a session, which has read nothing yet or has the record locked."""
    file = HeadSettings.current().heads
    lines = last_lines(file)  # first: another run may add to both meanwhile
    end = facts.required(session, keys, DECISIONS)
    check_end(session, end)
    ledger = facts.required(session, keys, LEDGER)
    heads = signed_by(lines, [*Signer.load().public_keys, *ledger.get("former", [])])
    heads = [line for line in heads if _is_meant(file, line, ledger)]
    if not heads:
        return
    now = counted(session, keys)
    for line in heads:
        if what := counts_more(line, ledger, now):
            why = f"then it counted {line[what]} {COUNTED[what]}, and now {now[what]}"
            raise RolledBack(file, line, why)
    last = max(heads, key=lambda line: int(line["count"]))
    if last["count"] > end["count"]:
        why = f"then it had {last['count']} decisions, and now {end['count']}"
        raise RolledBack(file, last, why)
    if not _holds(session, keys, end, last):
        raise RolledBack(file, last, f"its decision {last['count']} is another one now")


def _is_meant(file: Path, line: Line, ledger: Facts) -> bool:
    """Whether the ledger must have what that head says; not what a restored backup lacks."""
    limit = limit_of(line, ledger)
    if limit is None:
        raise LedgerUnusable(
            f"The head that was signed on {line['at']} ({file}) is of another ledger, or of this "
            "one after it was restored. If somebody put an older copy back, restore a backup by: "
            "muster ledger restore. If another ledger uses that file, name one for each in "
            "MUSTER_DECISION_HEADS"
        )
    return bool(line["count"] <= limit)


def _holds(session: Session, keys: RecordKeys, end: Facts, line: Line) -> bool:
    """Whether the ledger has that head where it should be, and the next decision follows it."""
    if not line["count"]:
        return True
    number = end["id"] - (end["count"] - line["count"])
    here = select(*CHECKED).where(col(DecisionRow.id) == number)
    row = session.execute(here).mappings().first()
    if row is None:
        return bool(_archived(session, keys) >= line["count"])
    following = select(col(DecisionRow.previous_hash)).where(col(DecisionRow.id) == number + 1)
    is_followed = session.execute(following).scalar() in {None, line["head"]}
    return row["hash"] == line["head"] and is_followed and keys.holds("decision", dict(row))


def _archived(session: Session, keys: RecordKeys) -> int:
    """How many decisions are in files."""
    rows = keys.checked(DecisionArchiveRow, session.scalars(select(DecisionArchiveRow)))
    return sum(row.count for row in rows)
