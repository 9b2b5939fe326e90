"""Decisions: who decided what, when and on which evidence, in a chain that can only grow."""

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine, delete, func, insert, text
from sqlmodel import Session, col, select

from fleet.admission.policy import Policy
from ledger.admission import archive
from ledger.admission.chain import GENESIS, Broken, Head, Walk, hash_of
from ledger.admission.decided import Decided, row_of
from ledger.admission.end import archived, end_of, grown, said_of
from ledger.admission.enrolled import not_enrolled
from ledger.admission.how import How
from ledger.admission.recorded import CHECKED, TABLE, Recorded, checked, recorded
from ledger.database.engine import LedgerUnusable, one_moment, reading, writing
from ledger.database.guards import foreign
from ledger.database.row_file import Row
from ledger.database.settings import LedgerSettings
from ledger.database.tables import DecisionRow
from ledger.keys import facts
from ledger.keys.facts import DECISIONS
from ledger.keys.heads import (
    Heads,
    HeadSettings,
    Line,
    add,
    heads_of,
    lines_of,
    restorations_in,
    signed,
)
from ledger.keys.not_holding import not_holding
from ledger.keys.record_keys import RecordKeys
from ledger.keys.rollback import check_end, counted
from ledger.keys.signing import Signer
from ledger.state.claims import Claim

_AT_ONCE = 500  # so many keys are asked for by name
_IN_ONE_FILE = 10_000  # decisions at most
_KEY = ("request_key", "fingerprint", "decision", "how", "decided_by", "policy_version")


class Decisions:
    """The chain of decisions. Its oldest ones may be in files in `folder`."""

    def __init__(self, engine: Engine, folder: Path | None = None) -> None:
        self._engine, self._given = engine, folder

    @property
    def _folder(self) -> Path:
        return self._given or LedgerSettings.current().archive

    def record(
        self, claim: Claim, policy: Policy, decided: Sequence[Decided], now: datetime
    ) -> None:
        """Add decisions of rules and runs; one that is there already is not added again."""
        if not decided:
            return
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            lock(session)
            by_key = {_key(each, policy): each for each in decided}
            known = _known(session, keys, claim, {key for key, *_ in by_key})
            new = [each for key, each in by_key.items() if key not in known]
            append(session, keys, claim, policy, new, now)

    def by_people(self, site: str | None) -> list[Recorded]:
        """Every decision by a person, oldest first: for one site, or for all."""
        wanted = select(DecisionRow).where(DecisionRow.how == How.PERSON)
        if site:
            wanted = wanted.where(DecisionRow.site == site)
        keys = RecordKeys.load()
        with reading(self._engine) as session:
            rows = session.exec(wanted.order_by(col(DecisionRow.id)))
            return [recorded(keys, row) for row in rows]

    def between(self, after: int, upto: int) -> list[Recorded]:
        """The decisions after the first so many, up to so many in all, in their order."""
        keys = RecordKeys.load()
        with reading(self._engine) as session:
            in_files = archive.head(session).count
            first = max(0, after - in_files)
            wanted = select(DecisionRow).order_by(col(DecisionRow.id)).offset(first)
            wanted = wanted.limit(max(0, upto - in_files - first))
            return [recorded(keys, row) for row in session.exec(wanted)]

    def head(self) -> Head:
        """The end of the chain, as the ledger notes it; LedgerUnusable where that does not hold."""
        keys = RecordKeys.load()
        with reading(self._engine) as session:
            return end_of(facts.required(session, keys, DECISIONS))

    def end(self) -> Head:
        """The end of the chain as it is noted, for who has no key to check that."""
        with reading(self._engine) as session:
            return end_of(facts.unchecked(session, DECISIONS))

    def sign_head(self, now: datetime) -> tuple[Head, Line]:
        """The end of the chain, and the line that says so, signed."""
        keys, signer = RecordKeys.load(), Signer.load()
        with reading(one_moment(self._engine)) as session:
            said = said_of(session, keys, now)
        return Head(said["count"], said["head"]), signed(signer, said)

    def publish_head(self, now: datetime) -> tuple[Head, Line, str]:
        """The same, and a line of MUSTER_DECISION_HEADS; and why it is none, or ""."""
        head, line = self.sign_head(now)
        return head, line, add(HeadSettings.current().heads, line)

    def heads(self, file: Path, public_key: str = "") -> Heads:
        """What a file of heads says of this ledger, by its own keys or by `public_key` alone."""
        lines = lines_of(file)  # first: a run may seal and sign more while this reads
        with reading(self._engine) as session:
            if public_key:
                ledger = facts.unchecked(session, facts.LEDGER)
                # Of what is not signed, nothing excuses a head.
                before = restorations_in(lines, [public_key], ledger["id"])
                ledger = ledger | {"before": before}
                counts = counted(session, None)
                return heads_of(file, lines, [public_key], ledger, counts)
            keys, public_keys = RecordKeys.load(), Signer.load().public_keys
            ledger = facts.required(session, keys, facts.LEDGER)
            counts = counted(session, keys)
        return heads_of(file, lines, [*public_keys, *ledger.get("former", [])], ledger, counts)

    def verify(
        self, printed: str = "", heads: Heads | None = None, *, has_key: bool = True
    ) -> Broken | None:
        """The first broken link of the chain; None when all of it holds.

        Its end must be the one that the ledger notes. Whoever put back an old ledger put back that
        note as well: then the chain is shorter than a head `printed` on a report, which must be
        one of its hashes, or than `heads` that were signed. Raises LedgerUnusable when that note
        does not hold. Without the key, no MAC is checked.
        """
        keys = RecordKeys.load() if has_key else None
        walk = Walk(printed, keys=keys, heads=heads)
        with reading(one_moment(self._engine)) as session, closing(_links(session)) as links:
            noted = end_of(
                facts.required(session, keys, DECISIONS)
                if keys
                else facts.unchecked(session, DECISIONS)
            )
            in_files = archive.head(session).count
            try:
                for link in chain(archive.links(session, self._folder, keys), links):
                    if broken := walk.step(link):
                        return broken
            except archive.ArchiveUnusable as error:
                return Broken(error.decision, str(error))
            except (TypeError, ValueError):  # a value that no decision has
                number = _number(session, walk.head.count - in_files)
                return Broken(number, "it was made unreadable")
        return _other_end(walk.head, noted) or walk.end()

    def others_not_holding(self) -> list[str]:
        """Names of all else that was changed or written without the ledger's key."""
        with reading(one_moment(self._engine)) as session:
            keys = RecordKeys.load()
            found = [*not_holding(session, keys), *not_enrolled(session, keys)]
            return [*found, *foreign(session)]

    def move_to_archive(self, before: datetime, now: datetime) -> int:
        """Move the decisions of whole months before that instant to files; how many these were.

        The last decision of all stays. Raises LedgerUnusable when their chain does not hold, or
        a file cannot be written; then those that were not yet moved stay where they are.
        """
        month = before.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        moved = 0
        while count := self._move_one_file(month, now):
            moved += count
        return moved

    def _move_one_file(self, month: datetime, now: datetime) -> int:
        """Move as many as one file holds, so that other runs soon write again; how many."""
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            lock(session)
            rows = _oldest(session, month)
            walk = Walk(start=archive.head(session), keys=keys)
            for row in rows:
                if broken := walk.step(row):
                    raise LedgerUnusable(
                        f"No decision was archived, because the chain is broken at {broken}"
                    )
            if rows:
                end = facts.required(session, keys, DECISIONS, lock=True)
                facts.note(session, keys, DECISIONS, archived(end, rows))
                archive.store(session, keys, self._folder, rows, now)
                session.execute(delete(DecisionRow).where(col(DecisionRow.id) <= rows[-1]["id"]))
            return len(rows)


def append(
    session: Session,
    keys: RecordKeys,
    claim: Claim,
    policy: Policy,
    decided: Sequence[Decided],
    now: datetime,
) -> None:
    """Add decisions within a transaction that called `lock` before it read what they rest on.

    Raises LedgerUnusable when the chain does not end where the ledger notes that it does.
    """
    append_rows(session, keys, [row_of(each, claim, policy, now) for each in decided])


def append_rows(session: Session, keys: RecordKeys, given: Sequence[Row]) -> int:
    """The same for rows that lack only their number, hashes and MAC; the number of the last."""
    end = facts.required(session, keys, DECISIONS, lock=True)
    check_end(session, end)
    number, before = end["id"], end["hash"] or GENESIS
    rows = []
    for number, each in enumerate(given, number + 1):  # noqa: B020  its last is the new end
        row = each | {"previous_hash": before}
        row["hash"] = before = hash_of(row)
        rows.append(keys.keyed(DecisionRow, row | {"id": number}))
    if rows:
        session.execute(insert(DecisionRow), rows)
        facts.note(session, keys, DECISIONS, grown(end, rows))
    return int(number)


def lock(session: Session) -> None:
    """Keep everybody else from adding a decision until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE decision IN SHARE ROW EXCLUSIVE MODE"))


def _other_end(found: Head, noted: Head) -> Broken | None:
    """Broken when the chain does not end where the ledger notes that it does."""
    if found == noted:
        return None
    return Broken(
        min(found.count, noted.count) + 1,
        f"the ledger notes {noted}, and the chain has {found}: decisions were cut off or added "
        "without the ledger's key, or that note was put back",
    )


def _links(session: Session) -> Generator[Row, None, None]:
    """The rows in their order, each read only when it is its turn."""
    in_order = TABLE.select().order_by(TABLE.c.id)
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
    older = TABLE.select().where(TABLE.c.id < min(end, last)).order_by(TABLE.c.id)
    return [row._asdict() for row in session.execute(older.limit(_IN_ONE_FILE))]


def _number(session: Session, place: int) -> int:
    """The number of the decision after `place` others."""
    ids = select(DecisionRow.id).order_by(col(DecisionRow.id))
    return session.exec(ids.offset(place).limit(1)).one() or 0


def _known(
    session: Session, keys: RecordKeys, claim: Claim, request_keys: set[str]
) -> set[tuple[str, ...]]:
    """What is recorded of these requests of the claim's site, as `_key` has it."""
    mine = select(*CHECKED).where(
        col(DecisionRow.site) == claim.site, col(DecisionRow.scope) == claim.scope
    )
    if len(request_keys) <= _AT_ONCE:
        mine = mine.where(col(DecisionRow.request_key).in_(request_keys))
    return {tuple(row[name] for name in _KEY) for row in checked(session, keys, mine)}


def _key(each: Decided, policy: Policy) -> tuple[str, ...]:
    """What makes two decisions the same; another version of the policy makes another decision."""
    evidence = each.evidence
    decided = (each.decision, each.how, each.by, policy.version)
    return (evidence.request_key, evidence.fingerprint, *decided)
