"""The end of the record, as the ledger notes it, and what a head says of it.

Beside the end it has what would not be missed if it were deleted from the middle: how many
decisions people made at each site and scope, and the last one about approvers and their digits.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from fleet.admission.evidence import canonical
from ledger.admission.chain import GENESIS, Head
from ledger.admission.how import How
from ledger.database.row_file import Row
from ledger.database.tables import DecisionRow
from ledger.keys import facts
from ledger.keys.facts import APPROVERS, DECISIONS, DIGITS, PEOPLE, Facts
from ledger.keys.record_keys import DoesNotHold, RecordKeys
from ledger.keys.rollback import counted


def end_of(noted: Facts) -> Head:
    """The end that is noted of the decisions."""
    return Head(noted["count"], noted["hash"] or GENESIS)


def grown(end: Facts, rows: Sequence[Row]) -> Facts:
    """What is noted once these rows are added."""
    last = rows[-1]
    about = (row["id"] for row in rows if row["how"] == How.APPROVER)
    digits = {row["request_key"]: row["id"] for row in rows if row["how"] == How.DIGITS}
    return _with_people(end, rows, 1) | {
        "count": end["count"] + len(rows),
        "id": last["id"],
        "hash": last["hash"],
        APPROVERS: max(about, default=end.get(APPROVERS, 0)),
        DIGITS: end.get(DIGITS, {}) | digits,
    }


def archived(end: Facts, rows: Sequence[Row]) -> Facts:
    """What is noted once these rows are in a file."""
    return _with_people(end, rows, -1)


def _with_people(end: Facts, rows: Sequence[Row], sign: int) -> Facts:
    if PEOPLE not in end:  # of a ledger that was not prepared since
        return end
    people: Counter[str] = Counter(end[PEOPLE])
    for row in rows:
        if row["how"] == How.PERSON:
            people[canonical([row["site"], row["scope"]])] += sign
    return end | {PEOPLE: dict(people)}


def check_people(session: Session, keys: RecordKeys, site: str, scope: str) -> None:
    """Raise DoesNotHold unless all decisions of people are there that are not archived."""
    end = facts.required(session, keys, DECISIONS)
    here = select(func.count()).where(
        DecisionRow.site == site, DecisionRow.scope == scope, DecisionRow.how == How.PERSON
    )
    noted = end.get(PEOPLE, {}).get(canonical([site, scope]), 0)
    if PEOPLE in end and session.exec(here.select_from(DecisionRow)).one() != noted:
        raise DoesNotHold(f"what people decided at {site} ({scope}), of which one is missing,")


def last_about_digits(session: Session, keys: RecordKeys, key: str) -> DecisionRow | None:
    """The last decision about an approver's digits; None of nobody, or of one that is archived."""
    end = facts.required(session, keys, DECISIONS)
    number = end.get(DIGITS, {}).get(key)
    row = session.get(DecisionRow, number) if number else None
    first = select(func.min(col(DecisionRow.id)))
    if number and row is None and number > session.exec(first).one():
        raise DoesNotHold(f"decision {number}, which is missing,")
    return row


def said_of(session: Session, keys: RecordKeys, now: datetime) -> Facts:
    """What a head says of the record, but for its signature."""
    end = end_of(facts.required(session, keys, DECISIONS))
    ledger = facts.required(session, keys, facts.LEDGER)
    said = {"count": end.count, "head": end.hash, "ledger": ledger["id"]}
    restored = {"before": ledger["before"]} if ledger["before"] else {}
    return {**said, **counted(session, keys), **restored, "at": now.isoformat()}
