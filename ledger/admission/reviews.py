"""Reviews: questions put before people, recorded so that no restart loses one."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from fleet.admission.evidence import Evidence, canonical
from fleet.admission.policy import Policy
from fleet.admission.review import (
    Answer,
    Item,
    LateAnswer,
    Review,
    Taken,
    Terms,
    UnusableAnswer,
    Vote,
    shown,
    take,
)
from fleet.state.reason_code import ReasonCode
from ledger.admission import decisions
from ledger.admission.decisions import Decided
from ledger.admission.recorded import How, votes
from ledger.database.engine import changed, reading, writing
from ledger.database.tables import ReviewAnswerRow, ReviewItemRow, ReviewRow
from ledger.keys.record_keys import DoesNotHold, RecordKeys
from ledger.state.claims import Claim


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of an answer: whether it was accepted, what to say, whether the review is over."""

    accepted: bool
    message: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that somebody gave, and what came of it."""

    round: int
    at: datetime
    by: str
    message: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Due:
    """An open review whose deadline is near or past, and the run that shows it."""

    id: str
    site: str
    flow_run_id: str | None
    deadline: datetime
    count: int


class Reviews:
    """Questions put before people, and what they answered."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_review(
        self, review: Review, scope: str, policy: Policy, flow_run_id: str | None
    ) -> None:
        """Record a question before anybody is asked."""
        terms = review.terms
        row = ReviewRow(
            id=review.id,
            flow_run_id=flow_run_id,
            site=review.site,
            scope=scope,
            connection=review.connection,
            asked_at=review.asked_at,
            deadline=terms.deadline,
            quorum=terms.quorum,
            requested_by=terms.requested_by,
            requester_may_approve=terms.requester_may_approve,
            policy=policy.name,
            policy_version=policy.version,
            set_hash=review.digest,
        )
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            session.add(_keyed(keys, row))
            session.flush()
            items = (_item_row(keys, review, n, item) for n, item in enumerate(review.items, 1))
            session.add_all(items)

    def find_review(self, flow_run_id: str) -> Review | None:
        """The review that a run put before people; None when there is none."""
        with reading(self._engine) as session:
            row = session.exec(
                select(ReviewRow).where(ReviewRow.flow_run_id == flow_run_id)
            ).first()
            return _review(session, RecordKeys.load(), row) if row else None

    def answers(self, review: Review) -> list[Answered]:
        """What came of the answers so far, in their order."""
        with reading(self._engine) as session:
            mine = select(ReviewAnswerRow).where(ReviewAnswerRow.review_id == review.id)
            rows = session.exec(mine.order_by(col(ReviewAnswerRow.round)))
            return [_answered(row) for row in rows]

    def votes(self, review: Review) -> list[Vote]:
        """What people decided so far about a review's requests, in this review or in another."""
        with reading(self._engine) as session:
            row = session.get_one(ReviewRow, review.id)
            keys = {item.key for item in review.items}
            cast = votes(session, RecordKeys.load(), row.site, row.scope)
            return [vote for vote in cast if vote.key in keys]

    def note(self, review: Review, round_: int, answer: Answer, at: datetime) -> Noted:
        """Take an answer once: record its decisions and what came of it.

        Of two people who answer at once one comes first, and the other learns who decided.
        """
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            decisions.lock(session)
            row = _locked(session, keys, review.id)
            if past := session.get(ReviewAnswerRow, (review.id, round_)):
                return Noted(past.accepted, past.message, bool(row.closed_at))
            if row.closed_at:
                return Noted(False, f"This review is over: {row.closed_as}", True)
            cast = votes(session, keys, row.site, row.scope)
            review = _review(session, keys, row)
            noted = _noted(session, keys, review, row, answer, cast, at)
            if noted.is_final:
                row.closed_at, row.closed_as = at, noted.message
                session.add(_keyed(keys, row))
            session.add(
                ReviewAnswerRow(
                    review_id=review.id,
                    round=round_,
                    answered_at=at,
                    answered_by=shown(answer.name),
                    message=noted.message,
                    accepted=noted.accepted,
                )
            )
            return noted

    def due(self, before: datetime) -> list[Due]:
        """Open reviews whose deadline lies before that instant, the nearest first."""
        with reading(self._engine) as session:
            rows = session.exec(
                select(ReviewRow)
                .where(col(ReviewRow.closed_at).is_(None), ReviewRow.deadline < before)
                .order_by(col(ReviewRow.deadline))
            ).all()
            return [_due(session, row) for row in rows]

    def warn(self, due_: Due, now: datetime) -> bool:
        """Record that people were warned of a deadline; False when they had been warned before."""
        with writing(self._engine) as session:
            row = session.exec(
                select(ReviewRow).where(ReviewRow.id == due_.id).with_for_update()
            ).one()
            is_new, row.warned_at = row.warned_at is None, row.warned_at or now
            return is_new

    def prune(self, before: datetime) -> int:
        """Delete reviews that were over before that instant; what was decided stays recorded."""
        with writing(self._engine) as session:
            ended = select(col(ReviewRow.id)).where(col(ReviewRow.closed_at) < before)
            for table in (ReviewItemRow, ReviewAnswerRow):
                session.execute(delete(table).where(col(table.review_id).in_(ended)))
            old = delete(ReviewRow).where(col(ReviewRow.closed_at) < before)
            return changed(session, old)

    def close(self, review_id: str, now: datetime, message: str) -> bool:
        """Close a review without an answer; False when it was closed before."""
        with writing(self._engine) as session:
            keys = RecordKeys.load()
            row = _locked(session, keys, review_id)
            if row.closed_at:
                return False
            row.closed_at, row.closed_as = now, message
            session.add(_keyed(keys, row))
            return True


def _keyed(keys: RecordKeys, row: ReviewRow) -> ReviewRow:
    """The row with the MAC of what it says now."""
    row.mac = keys.mac("review", row.model_dump())
    return row


def _locked(session: Session, keys: RecordKeys, review_id: str) -> ReviewRow:
    """A review that nobody else changes until this transaction ends."""
    row = session.exec(select(ReviewRow).where(ReviewRow.id == review_id).with_for_update()).one()
    keys.check("review", row.model_dump())
    return row


def _noted(
    session: Session,
    keys: RecordKeys,
    review: Review,
    row: ReviewRow,
    answer: Answer,
    cast: list[Vote],
    at: datetime,
) -> Noted:
    try:
        taken = take(review, answer, cast, at)
    except UnusableAnswer as error:
        return Noted(False, f"{error}.", False)
    except LateAnswer as error:
        return Noted(False, f"{error}.", True)
    decided = [_decided(review, vote) for vote in taken.votes]
    policy = Policy(name=row.policy, version=row.policy_version)
    decisions.append(session, keys, Claim(row.site, row.scope), policy, decided, at)
    return Noted(True, _message(answer, taken), not taken.awaits)


def _message(answer: Answer, taken: Taken) -> str:
    return f"{shown(answer.name)}: {taken.message}."


def _decided(review: Review, vote: Vote) -> Decided:
    item = next(item for item in review.items if item.key == vote.key)
    return Decided(
        evidence=item.evidence,
        decision=vote.decision,
        by=vote.by,
        reason=vote.reason,
        how=How.PERSON,
        quorum=vote.quorum,
        review_id=review.id,
    )


def _item_row(keys: RecordKeys, review: Review, number: int, item: Item) -> ReviewItemRow:
    key, fingerprint = item.key
    row = ReviewItemRow(
        review_id=review.id,
        number=number,
        request_key=key,
        fingerprint=fingerprint,
        code=item.code.value,
        reason=item.reason,
        evidence=canonical(item.evidence.facts()),
    )
    row.mac = keys.mac("review_item", row.model_dump())
    return row


def _review(session: Session, keys: RecordKeys, row: ReviewRow) -> Review:
    keys.check("review", row.model_dump())
    items = keys.checked(ReviewItemRow, _items(session, row))
    review = Review(
        id=row.id,
        site=row.site,
        connection=row.connection,
        items=tuple(
            Item(Evidence.from_facts(json.loads(each.evidence)), ReasonCode(each.code), each.reason)
            for each in items
        ),
        terms=Terms(
            deadline=row.deadline,
            quorum=row.quorum,
            requested_by=row.requested_by,
            requester_may_approve=row.requester_may_approve,
        ),
        asked_at=row.asked_at,
    )
    if review.digest != row.set_hash:
        raise DoesNotHold(f"the set of requests of the review {row.id} of {row.site}")
    return review


def _items(session: Session, row: ReviewRow) -> Iterable[ReviewItemRow]:
    mine = select(ReviewItemRow).where(ReviewItemRow.review_id == row.id)
    return session.exec(mine.order_by(col(ReviewItemRow.number)))


def _due(session: Session, row: ReviewRow) -> Due:
    count = len(list(_items(session, row)))
    return Due(row.id, row.site, row.flow_run_id, row.deadline, count)


def _answered(row: ReviewAnswerRow) -> Answered:
    return Answered(row.round, row.answered_at, row.answered_by, row.message, row.accepted)
