"""The rows of a review, each with its MAC, and the review that they hold."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete
from sqlmodel import Session, col, select

from fleet.admission.evidence import Evidence, canonical
from fleet.admission.policy import Policy
from fleet.admission.review import Item, Review, Terms
from fleet.state.reason_code import ReasonCode
from ledger.database.tables import ReviewItemRow, ReviewRow
from ledger.keys.record_keys import DoesNotHold, RecordKeys


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that somebody gave, and what came of it."""

    round: int
    at: datetime
    by: str
    message: str
    accepted: bool


def columns_of(
    review: Review, scope: str, policy: Policy, flow_run_id: str | None
) -> dict[str, Any]:
    """What the row of a new review says, without its MAC."""
    terms = review.terms
    return {
        "id": review.id,
        "flow_run_id": flow_run_id,
        "site": review.site,
        "scope": scope,
        "connection": review.connection,
        "asked_at": review.asked_at,
        "deadline": terms.deadline,
        "quorum": terms.quorum,
        "requested_by": terms.requested_by,
        "requester_may_approve": terms.requester_may_approve,
        "policy": policy.name,
        "policy_version": policy.version,
        "set_hash": review.digest,
    }


def terms_of(row: ReviewRow) -> Terms:
    """The terms that a row holds."""
    return Terms(
        deadline=row.deadline,
        quorum=row.quorum,
        requested_by=row.requested_by,
        requester_may_approve=row.requester_may_approve,
        requester_is_proved=row.requester_proof is not None,
    )


def item_row(keys: RecordKeys, review: Review, number: int, item: Item) -> ReviewItemRow:
    """The row of one request of a review."""
    key, fingerprint = item.key
    return keys.sign(
        ReviewItemRow(
            review_id=review.id,
            number=number,
            request_key=key,
            fingerprint=fingerprint,
            code=item.code.value,
            reason=item.reason,
            evidence=canonical(item.evidence.facts()),
        )
    )


def review_of(session: Session, keys: RecordKeys, row: ReviewRow) -> Review:
    """The review that a row holds; DoesNotHold where it, or one of its items, was changed."""
    keys.check("review", row.model_dump())
    items = keys.checked(ReviewItemRow, items_of(session, row))
    review = Review(
        id=row.id,
        site=row.site,
        connection=row.connection,
        items=tuple(
            Item(Evidence.from_facts(json.loads(each.evidence)), ReasonCode(each.code), each.reason)
            for each in items
        ),
        terms=terms_of(row),
        asked_at=row.asked_at,
    )
    if review.digest != row.set_hash:
        raise DoesNotHold(f"the set of requests of the review {row.id} of {row.site}")
    return review


def answers_of(row: ReviewRow) -> list[Answered]:
    """What came of the answers to a review, in their order."""
    return [
        Answered(number, datetime.fromisoformat(at), by, message, accepted)
        for number, at, by, message, accepted in json.loads(row.answers or "[]")
    ]


def add_answer(row: ReviewRow, new: Answered) -> None:
    """Note in the row what came of one more answer; its MAC is to be made anew."""
    rows = json.loads(row.answers or "[]")
    answer = [new.round, new.at.astimezone(UTC).isoformat(), new.by, new.message, new.accepted]
    row.answers = canonical([*rows, answer])


def delete_items(session: Session, reviews: Select[tuple[str]]) -> None:
    """Delete the requests of those reviews, which are selected by their ids."""
    session.execute(delete(ReviewItemRow).where(col(ReviewItemRow.review_id).in_(reviews)))


def items_of(session: Session, row: ReviewRow) -> Iterable[ReviewItemRow]:
    """Its items, in their order."""
    mine = select(ReviewItemRow).where(ReviewItemRow.review_id == row.id)
    return session.exec(mine.order_by(col(ReviewItemRow.number)))
