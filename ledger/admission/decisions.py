"""Decisions: who decided what, when and on which evidence, in a chain that can only grow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, Engine, func, insert, text
from sqlmodel import Session, SQLModel, col, select

from fleet.admission.evidence import Evidence, canonical, digest
from fleet.admission.policy import Policy
from fleet.admission.review import Vote
from fleet.state.verdict import Decision
from ledger.admission.chain import GENESIS, Broken, Head, Walk, hash_of
from ledger.database.engine import reading, writing
from ledger.database.tables import DecisionRow
from ledger.state.claims import Claim

_AT_ONCE = 500  # so many keys are asked for by name


class How(StrEnum):
    """How a decision came about."""

    RULE = "rule"
    SHADOW = "shadow"
    RUN = "run"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, as it is to be recorded: who approved, rejected or held what, and why."""

    evidence: Evidence
    decision: Decision
    by: str
    reason: str
    how: How
    quorum: int = 1
    review_id: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decision, as it was recorded; `evidence` is the JSON text that its hash covers."""

    at: datetime
    by: str
    how: str
    decision: str
    reason: str
    scope: str
    site: str
    device: str | None
    evidence: str
    quorum: int


class Decisions:
    """The chain of decisions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(
        self, claim: Claim, policy: Policy, decided: Sequence[Decided], now: datetime
    ) -> None:
        """Add decisions of rules and runs; one that is there already is not added again."""
        if not decided:
            return
        with writing(self._engine) as session:
            head = _locked_head(session)
            by_key = {_key(each, policy): each for each in decided}
            known = _known(session, claim, {key for key, *_ in by_key})
            new = {key: each for key, each in by_key.items() if key not in known}
            _append(session, head, claim, policy, new.values(), now)

    def by_people(self, site: str | None) -> list[Recorded]:
        """Every decision by a person, oldest first: for one site, or for all."""
        wanted = select(DecisionRow).where(DecisionRow.how == How.PERSON)
        if site:
            wanted = wanted.where(DecisionRow.site == site)
        with reading(self._engine) as session:
            return [_recorded(row) for row in session.exec(wanted.order_by(col(DecisionRow.id)))]

    def between(self, after: int, upto: int) -> list[Recorded]:
        """The decisions after the first so many, up to so many in all, in their order."""
        wanted = select(DecisionRow).order_by(col(DecisionRow.id)).offset(after).limit(upto - after)
        with reading(self._engine) as session:
            return [_recorded(row) for row in session.exec(wanted)]

    def head(self) -> Head:
        """The end of the chain."""
        # In one statement, so that both are of the same moment.
        count = select(func.count()).select_from(DecisionRow).scalar_subquery()
        last = select(DecisionRow.hash, count).order_by(col(DecisionRow.id).desc()).limit(1)
        with reading(self._engine) as session:
            row = session.exec(last).first()
        return Head(row[1], row[0]) if row else Head(0, GENESIS)

    def verify(self, printed: str = "") -> Broken | None:
        """The first broken link of the chain; None when all of it holds.

        A chain whose end was cut off still holds in itself; that it is shorter shows by a head
        `printed` on an earlier report, which must be one of its hashes.
        """
        walk = Walk(printed)
        with reading(self._engine) as session, _links(session) as links:
            try:
                for link in links:
                    if broken := walk.step(link._asdict()):
                        return broken
            except (TypeError, ValueError):  # a value that no decision has
                return Broken(_number(session, walk.head.count), "it was made unreadable")
        return walk.end()


def append(
    session: Session, claim: Claim, policy: Policy, decided: Sequence[Decided], now: datetime
) -> None:
    """Add decisions within a transaction that called `lock` before it read what they rest on."""
    _append(session, _locked_head(session), claim, policy, decided, now)


def lock(session: Session) -> None:
    """Keep everybody else from adding a decision until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE decision IN SHARE ROW EXCLUSIVE MODE"))


def votes(session: Session, site: str, scope: str) -> list[Vote]:
    """What people decided about the site's requests, oldest first."""
    columns = (
        DecisionRow.request_key,
        DecisionRow.fingerprint,
        DecisionRow.decision,
        DecisionRow.decided_by,
        DecisionRow.reason,
        DecisionRow.quorum,
    )
    mine = (
        select(*map(col, columns))
        .where(col(DecisionRow.site) == site, col(DecisionRow.scope) == scope)
        .where(col(DecisionRow.how) == How.PERSON)
    )
    return [
        Vote(key=(key, fingerprint), decision=Decision(what), by=by, reason=reason, quorum=quorum)
        for key, fingerprint, what, by, reason, quorum in session.execute(
            mine.order_by(col(DecisionRow.id))
        )
    ]


def _links(session: Session) -> CursorResult[Any]:
    """The rows in their order, each read only when it is its turn."""
    table = SQLModel.metadata.tables["decision"]
    streamed = session.connection(execution_options={"stream_results": True})
    return streamed.execute(table.select().order_by(table.c.id))


def _number(session: Session, place: int) -> int:
    """The number of the decision after `place` others."""
    ids = select(DecisionRow.id).order_by(col(DecisionRow.id))
    return session.exec(ids.offset(place).limit(1)).one() or 0


def _locked_head(session: Session) -> str:
    lock(session)
    last = select(DecisionRow.hash).order_by(col(DecisionRow.id).desc()).limit(1)
    return session.exec(last).first() or GENESIS


def _known(session: Session, claim: Claim, request_keys: set[str]) -> set[tuple[str, ...]]:
    """What is recorded of these requests of the claim's site, as `_key` has it."""
    columns = (
        DecisionRow.request_key,
        DecisionRow.fingerprint,
        DecisionRow.decision,
        DecisionRow.how,
        DecisionRow.decided_by,
        DecisionRow.policy_version,
    )
    mine = select(*map(col, columns)).where(
        col(DecisionRow.site) == claim.site, col(DecisionRow.scope) == claim.scope
    )
    if len(request_keys) <= _AT_ONCE:
        mine = mine.where(col(DecisionRow.request_key).in_(request_keys))
    return {tuple(row) for row in session.execute(mine)}


def _key(each: Decided, policy: Policy) -> tuple[str, ...]:
    """What makes two decisions the same; another version of the policy makes another decision."""
    evidence = each.evidence
    decided = (each.decision, each.how, each.by, policy.version)
    return (evidence.request_key, evidence.fingerprint, *decided)


def _append(
    session: Session,
    before: str,
    claim: Claim,
    policy: Policy,
    decided: Iterable[Decided],
    now: datetime,
) -> None:
    rows = []
    for each in decided:
        row = _row(each, claim, policy, now) | {"previous_hash": before}
        row["hash"] = before = hash_of(row)
        rows.append(row)
    if rows:
        session.execute(insert(DecisionRow), rows)


def _row(each: Decided, claim: Claim, policy: Policy, now: datetime) -> dict[str, Any]:
    evidence = each.evidence.facts()
    return {
        "decided_at": now.astimezone(UTC),
        "decided_by": each.by,
        "how": each.how.value,
        "decision": each.decision.value,
        "reason": each.reason,
        "scope": claim.scope,
        "site": claim.site,
        "device": each.evidence.device,
        "request_key": each.evidence.request_key,
        "fingerprint": each.evidence.fingerprint,
        "evidence": canonical(evidence),
        "evidence_hash": digest(evidence),
        "policy": policy.name,
        "policy_version": policy.version,
        "quorum": each.quorum,
        "review_id": each.review_id,
    }


def _recorded(row: DecisionRow) -> Recorded:
    return Recorded(
        at=row.decided_at,
        by=row.decided_by,
        how=row.how,
        decision=row.decision,
        reason=row.reason,
        scope=row.scope,
        site=row.site,
        device=row.device,
        evidence=row.evidence,
        quorum=row.quorum,
    )
