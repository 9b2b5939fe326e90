"""Reviews: questions put before people, recorded so that no restart loses one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from fleet.admission.approver import Proof
from fleet.admission.evidence import canonical
from fleet.admission.policy import Policy
from fleet.admission.review import (
    Answer,
    LateAnswer,
    Review,
    Taken,
    UnusableAnswer,
    Vote,
    approved_before,
    refuse_late,
    shown,
    take,
)
from ledger.admission import decisions
from ledger.admission.decided import Decided
from ledger.admission.how import How
from ledger.admission.recorded import votes
from ledger.admission.review_rows import (
    Answered,
    add_answer,
    answers_of,
    columns_of,
    delete_items,
    item_row,
    items_of,
    review_of,
    terms_of,
)
from ledger.database.engine import changed, one_moment, reading, writing
from ledger.database.tables import ReviewRow
from ledger.keys.places import REVIEWS, changing, check_all, reviews_in
from ledger.keys.record_keys import DoesNotHold, RecordKeys
from ledger.keys.rollback import refuse_rollback
from ledger.state.claims import Claim


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of an answer: whether it was accepted, what to say, whether the review is over."""

    accepted: bool
    message: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Due:
    """An open review whose deadline is near or past, and the run that shows it."""

    id: str
    site: str
    flow_run_id: str | None
    deadline: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The digits of whoever asks for a review, and when they were given."""

    digits: str = field(repr=False)
    at: datetime


class Prover(Protocol):
    """What proves who answers; see `ledger.approvers.proving.prove`."""

    def prove(
        self, session: Session, site: str, name: str, digits: str, at: datetime
    ) -> Proof | None:
        """The proof; None where names cannot be proved. UnusableAnswer where they are not."""


class Reviews:
    """Questions put before people, and what they answered."""

    def __init__(self, engine: Engine, prover: Prover) -> None:
        self._engine, self._prover = engine, prover

    def open_review(
        self,
        review: Review,
        scope: str,
        policy: Policy,
        flow_run_id: str | None,
        asked: Asked | None = None,
    ) -> Review:
        """Record a question before anybody is asked; the review, with who was proved to ask it.

        Raises UnusableAnswer when `asked` does not prove that, or who asks has decided before.
        """
        keys = RecordKeys.load()
        row = ReviewRow(**columns_of(review, scope, policy, flow_run_id))
        with self._recording(review.asked_at) as session:
            refusal = self._prove_requester(session, row, asked)
            refusal = refusal or _decided_before(session, keys, row, review)
            if refusal is None:
                with changing(session, keys, REVIEWS, [(row.site, row.scope)]):
                    session.add(keys.sign(row))
                    session.flush()
                    numbered = enumerate(review.items, 1)
                    session.add_all(item_row(keys, review, n, item) for n, item in numbered)
                return replace(review, terms=terms_of(row))
        raise refusal  # only now, so that wrong digits stay counted

    @contextmanager
    def _recording(self, at: datetime) -> Iterator[Session]:
        """A transaction with the record locked and not behind its heads; its head is then signed.

        So whoever guesses digits cannot put the ledger back to before a guess. Why a head cannot
        be written, the next report says.
        """
        with writing(self._engine) as session:
            decisions.lock(session)
            refuse_rollback(self._engine)  # apart, for it reads all of one moment
            yield session
        decisions.Decisions(self._engine).publish_head(at)

    def _prove_requester(
        self, session: Session, row: ReviewRow, asked: Asked | None
    ) -> UnusableAnswer | None:
        """Note in the row who was proved to ask for the review; or why nobody was."""
        if asked is None:
            return None
        try:
            name, digits = row.requested_by, asked.digits
            proof = self._prover.prove(session, row.site, name, digits, asked.at)
        except UnusableAnswer as error:
            return error
        if proof:
            row.requested_by = proof.approver.name
            row.requester_proof = canonical(proof.facts())
        return None

    def find_review(self, flow_run_id: str) -> Review | None:
        """The review that a run put before people; None when there is none."""
        keys = RecordKeys.load()
        with reading(one_moment(self._engine)) as session:
            check_all(session, keys, REVIEWS, reviews_in(session, None))
            row = session.exec(
                select(ReviewRow).where(ReviewRow.flow_run_id == flow_run_id)
            ).first()
            return review_of(session, keys, row) if row else None

    def answers(self, review: Review) -> list[Answered]:
        """What came of the answers so far, in their order."""
        with reading(self._engine) as session:
            row = _there(session.get(ReviewRow, review.id), review.id)
            RecordKeys.load().check("review", row.model_dump())
            return answers_of(row)

    def votes(self, review: Review) -> list[Vote]:
        """What people decided so far about a review's requests, in this review or in another."""
        with reading(one_moment(self._engine)) as session:
            row = _there(session.get(ReviewRow, review.id), review.id)
            keys = {item.key for item in review.items}
            cast = votes(session, RecordKeys.load(), row.site, row.scope)
            return [vote for vote in cast if vote.key in keys]

    def note(self, review: Review, round_: int, answer: Answer, at: datetime) -> Noted:
        """Take an answer once: record its decisions and what came of it.

        Of two people who answer at once one comes first, and the other learns who decided.
        """
        keys = RecordKeys.load()
        with self._recording(at) as session:
            row = _locked(session, keys, review.id)
            if past := next((it for it in answers_of(row) if it.round == round_), None):
                return Noted(past.accepted, past.message, bool(row.closed_at))
            if row.closed_at:
                return Noted(False, f"This review is over: {row.closed_as}", True)
            noted = self._noted(session, keys, row, answer, at)
            with changing(session, keys, REVIEWS, [(row.site, row.scope)]):
                if noted.is_final:
                    row.closed_at, row.closed_as = at, noted.message
                answer_ = Answered(round_, at, shown(answer.name), noted.message, noted.accepted)
                add_answer(row, answer_)
                session.add(keys.sign(row))
            return noted

    def _noted(
        self, session: Session, keys: RecordKeys, row: ReviewRow, answer: Answer, at: datetime
    ) -> Noted:
        review = review_of(session, keys, row)
        try:
            refuse_late(review.terms, answer, at)
            proof = self._prover.prove(session, row.site, answer.name, answer.digits, at)
            cast = votes(session, keys, row.site, row.scope)
            taken = take(review, answer, cast, at, proof)
        except UnusableAnswer as error:
            return Noted(False, f"{error}.", False)
        except LateAnswer as error:
            return Noted(False, f"{error}.", True)
        decided = [_decided(review, vote, proof) for vote in taken.votes]
        policy = Policy(name=row.policy, version=row.policy_version)
        decisions.append(session, keys, Claim(row.site, row.scope), policy, decided, at)
        return Noted(True, _message(answer, taken, proof), not taken.awaits)

    def due(self, before: datetime) -> list[Due]:
        """Open reviews whose deadline lies before that instant, the nearest first."""
        with reading(one_moment(self._engine)) as session:
            check_all(session, RecordKeys.load(), REVIEWS, reviews_in(session, None))
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
        is_over, keys = col(ReviewRow.closed_at) < before, RecordKeys.load()
        with writing(self._engine) as session:
            decisions.lock(session)
            places = select(ReviewRow.site, ReviewRow.scope).where(is_over).distinct()
            with changing(session, keys, REVIEWS, session.exec(places).all()):
                delete_items(session, select(col(ReviewRow.id)).where(is_over))
                return changed(session, delete(ReviewRow).where(is_over))

    def close(self, review_id: str, now: datetime, message: str) -> bool:
        """Close a review without an answer; False when it was closed before."""
        with writing(self._engine) as session:
            decisions.lock(session)
            keys = RecordKeys.load()
            row = _locked(session, keys, review_id)
            if row.closed_at:
                return False
            with changing(session, keys, REVIEWS, [(row.site, row.scope)]):
                row.closed_at, row.closed_as = now, message
                session.add(keys.sign(row))
            return True


def _locked(session: Session, keys: RecordKeys, review_id: str) -> ReviewRow:
    """A review that nobody else changes until this transaction ends."""
    wanted = select(ReviewRow).where(ReviewRow.id == review_id).with_for_update()
    row = _there(session.exec(wanted).first(), review_id)
    keys.check("review", row.model_dump())
    return row


def _there(row: ReviewRow | None, review_id: str) -> ReviewRow:
    if row is None:
        raise DoesNotHold(f"the review {review_id}, which was deleted,")
    return row


def _decided_before(
    session: Session, keys: RecordKeys, row: ReviewRow, review: Review
) -> UnusableAnswer | None:
    """Why whoever asks may not: where who asks decides nothing, a vote of theirs would count."""
    cast = votes(session, keys, row.site, row.scope)
    item = approved_before(replace(review, terms=terms_of(row)), cast)
    if item is None:
        return None
    name = shown(row.requested_by)
    return UnusableAnswer(f"{name} approved {item.name} before, so somebody else must ask")


def _message(answer: Answer, taken: Taken, proof: Proof | None) -> str:
    return f"{proof.approver.name if proof else shown(answer.name)}: {taken.message}."


def _decided(review: Review, vote: Vote, proof: Proof | None) -> Decided:
    item = next(item for item in review.items if item.key == vote.key)
    return Decided(
        evidence=item.evidence,
        decision=vote.decision,
        by=vote.by,
        reason=vote.reason,
        how=How.PERSON,
        quorum=vote.quorum,
        review_id=review.id,
        proof=proof,
    )


def _due(session: Session, row: ReviewRow) -> Due:
    count = len(list(items_of(session, row)))
    return Due(row.id, row.site, row.flow_run_id, row.deadline, count)
