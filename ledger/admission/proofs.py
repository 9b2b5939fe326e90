"""Proofs: which digits the record says that an enrolled person has used."""

import json
from collections.abc import Iterator

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from fleet.admission.approver import ALL_SITES, Approver
from fleet.admission.evidence import canonical
from ledger.admission.how import How
from ledger.admission.recorded import CHECKED, checked
from ledger.database.tables import DecisionRow, ReviewRow
from ledger.keys.record_keys import RecordKeys


def last_step(session: Session, keys: RecordKeys, approver: Approver) -> int:
    """The last 30 s whose digits of that person a decision or a review rests on; 0: of none.

    Raises DoesNotHold where that was changed.
    """
    decided = _of_the_last_decision(session, keys, approver)
    proofs = [*decided, *_of_reviews(session, keys, approver)]
    return max((int(json.loads(proof)["time_step"]) for proof in proofs), default=0)


def _of_the_last_decision(session: Session, keys: RecordKeys, approver: Approver) -> Iterator[str]:
    theirs = (
        select(*CHECKED)
        .where(col(DecisionRow.how) == How.PERSON, _are_of(approver, col(DecisionRow.proof)))
        .order_by(col(DecisionRow.id).desc())
        .limit(1)
    )
    if ALL_SITES not in approver.sites:  # for those of a site are found by an index
        theirs = theirs.where(col(DecisionRow.site).in_(approver.sites))
    for row in checked(session, keys, theirs):
        yield row["proof"]


def _of_reviews(session: Session, keys: RecordKeys, approver: Approver) -> Iterator[str]:
    theirs = select(ReviewRow).where(_are_of(approver, col(ReviewRow.requester_proof)))
    found = keys.checked(ReviewRow, session.scalars(theirs))
    yield from filter(None, (row.requester_proof for row in found))


def _are_of(approver: Approver, proof: Mapped[str | None]) -> ColumnElement[bool]:
    who = canonical({"approver": approver.id})[1:-1]
    return proof.contains(who, autoescape=True)
