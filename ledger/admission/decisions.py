"""Decisions: who decided what, when and on which evidence, in a chain that can only grow."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, func, insert, text
from sqlmodel import Session, SQLModel, col, select

from fleet.admission.evidence import Evidence, canonical, digest
from fleet.admission.policy import Policy
from fleet.admission.review import Vote
from fleet.state.verdict import Decision
from ledger.admission import archive
from ledger.admission.chain import GENESIS, Broken, Head, Walk, hash_of
from ledger.database.engine import LedgerUnusable, reading, writing
from ledger.database.row_file import Row
from ledger.database.settings import LedgerSettings
from ledger.database.tables import DecisionArchiveRow, DecisionRow
from ledger.state.claims import Claim

_AT_ONCE = 500  # so many keys are asked for by name
_IN_ONE_FILE = 100_000  # decisions at most
_TABLE = SQLModel.metadata.tables["decision"]


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
    """The chain of decisions. Its oldest ones may be in files in `folder`."""

    def __init__(self, engine: Engine, folder: Path | None = None) -> None:
        self._engine, self._given = engine, folder

    @property
    def _folder(self) -> Path:
        return self._given or LedgerSettings().archive

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
        with reading(self._engine) as session:
            archived = archive.head(session).count
            first = max(0, after - archived)
            wanted = select(DecisionRow).order_by(col(DecisionRow.id)).offset(first)
            wanted = wanted.limit(max(0, upto - archived - first))
            return [_recorded(row) for row in session.exec(wanted)]

    def head(self) -> Head:
        """The end of the chain."""
        # In one statement, so that all is of the same moment.
        count = select(func.count()).select_from(DecisionRow).scalar_subquery()
        archived = select(func.coalesce(func.sum(DecisionArchiveRow.count), 0)).scalar_subquery()
        last = select(DecisionRow.hash, count, archived).order_by(col(DecisionRow.id).desc())
        with reading(self._engine) as session:
            row = session.exec(last.limit(1)).first()
        return Head(row[1] + row[2], row[0]) if row else Head(0, GENESIS)

    def verify(self, printed: str = "") -> Broken | None:
        """The first broken link of the chain; None when all of it holds.

        A chain whose end was cut off still holds in itself; that it is shorter shows by a head
        `printed` on an earlier report, which must be one of its hashes.
        """
        walk = Walk(printed)
        with reading(self._engine) as session, closing(_links(session)) as links:
            archived = archive.head(session).count
            try:
                for link in chain(archive.links(session, self._folder), links):
                    if broken := walk.step(link):
                        return broken
            except archive.ArchiveUnusable as error:
                return Broken(error.decision, str(error))
            except (TypeError, ValueError):  # a value that no decision has
                number = _number(session, walk.head.count - archived)
                return Broken(number, "it was made unreadable")
        return walk.end()

    def move_to_archive(self, before: datetime, now: datetime) -> int:
        """Move the decisions of whole months before that instant to a file; how many these were.

        The last decision of all stays. Raises LedgerUnusable when their chain does not hold, or
        the file cannot be written; then all stay where they are.
        """
        month = before.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        with writing(self._engine) as session:
            lock(session)
            rows = _oldest(session, month)
            walk = Walk(start=archive.head(session))
            for row in rows:
                if broken := walk.step(row):
                    raise LedgerUnusable(
                        f"No decision was archived, because the chain is broken at {broken}"
                    )
            if rows:
                archive.store(session, self._folder, _TABLE.columns.keys(), rows, now)
                session.execute(delete(DecisionRow).where(col(DecisionRow.id) <= rows[-1]["id"]))
            return len(rows)


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


def _links(session: Session) -> Generator[Row, None, None]:
    """The rows in their order, each read only when it is its turn."""
    in_order = _TABLE.select().order_by(_TABLE.c.id)
    with session.execute(in_order, execution_options={"stream_results": True}) as links:
        for link in links:
            yield link._asdict()


def _oldest(session: Session, before: datetime) -> list[Row]:
    """The first decisions up to one that is younger, and without the last of all."""
    younger = select(func.min(DecisionRow.id)).where(col(DecisionRow.decided_at) >= before)
    last = session.exec(select(func.max(DecisionRow.id))).one()
    end = session.exec(younger).one() or last
    if last is None or end is None:
        return []
    older = _TABLE.select().where(_TABLE.c.id < min(end, last)).order_by(_TABLE.c.id)
    return [row._asdict() for row in session.execute(older.limit(_IN_ONE_FILE))]


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
