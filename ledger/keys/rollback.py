"""Rollback: nobody acts on a record that is behind its signed heads, or ends elsewhere than noted.

What is read for it is a few rows and the last lines of MUSTER_DECISION_HEADS, whenever a run reads
what it acts upon: a ledger may be put back while a run is at work, too.
"""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import Session, col

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
from ledger.keys.places import changes, check_together
from ledger.keys.record_keys import DoesNotHold, RecordKeys
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
    """The same within a session whose reads are of one moment, and which has read nothing yet."""
    file = HeadSettings.current().heads
    lines = last_lines(file)  # first: another run may add to both meanwhile
    end = facts.required(session, keys, DECISIONS)
    check_end(session, end)
    check_together(session, keys)
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
        if line["count"] > end["count"]:
            why = f"then it had {line['count']} decisions, and now {end['count']}"
            raise RolledBack(file, line, why)
    _check_chain(session, keys, file, heads, end)


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


def _check_chain(
    session: Session, keys: RecordKeys, file: Path, heads: Sequence[Line], end: Facts
) -> None:
    """Raise RolledBack unless each head is where it should be; what is archived is in files."""
    numbers = {line["count"]: end["id"] - (end["count"] - line["count"]) for line in heads}
    columns = col(DecisionRow.id), col(DecisionRow.hash), col(DecisionRow.previous_hash)
    wanted = [*numbers.values(), *(number + 1 for number in numbers.values())]
    rows = session.execute(select(*columns).where(columns[0].in_(wanted))).all()
    found = {number: hash_ for number, hash_, _ in rows}
    before = {number - 1: hash_ for number, _, hash_ in rows if number}
    archived = _archived(session, keys)
    for line in heads:
        number, head = numbers[line["count"]], line["head"]
        is_archived = number not in found and line["count"] <= archived
        is_there = found.get(number) == head == before.get(number, head)
        if line["count"] and not (is_there or is_archived):
            raise RolledBack(file, line, f"its decision {line['count']} is another one now")


def check_end(session: Session, end: Facts) -> None:
    """Raise DoesNotHold unless the chain ends where the ledger notes that it does."""
    columns = col(DecisionRow.id), col(DecisionRow.hash)
    last = session.execute(select(*columns).order_by(columns[0].desc()).limit(1)).first()
    if tuple(last or (0, "")) != (end["id"], end["hash"]):
        raise DoesNotHold(f"the end of the decisions, which should be decision {end['id']},")


def counted(session: Session, keys: RecordKeys | None) -> dict[str, int]:
    """What heads count besides decisions; without keys, as it is there."""
    secrets = (
        facts.required(session, keys, facts.SECRETS)
        if keys
        else facts.unchecked(session, facts.SECRETS)
    )
    return {"secrets": secrets["count"], "changes": changes(session, keys)}


def _archived(session: Session, keys: RecordKeys) -> int:
    """How many decisions are in files."""
    rows = keys.checked(DecisionArchiveRow, session.scalars(select(DecisionArchiveRow)))
    return sum(row.count for row in rows)
