"""What is recorded of decisions, read back: each row with its MAC, or nothing is done on it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Executable, select
from sqlmodel import Session, SQLModel, col

from fleet.admission.approver import is_demanded
from fleet.admission.evidence import digest
from fleet.admission.review import UNPROVED, Vote
from fleet.state.verdict import Decision
from ledger.admission.end import check_people
from ledger.admission.enrolled import enrolled
from ledger.admission.how import How
from ledger.database.row_file import Row
from ledger.database.tables import DecisionRow
from ledger.keys.record_keys import DoesNotHold, RecordKeys

TABLE = SQLModel.metadata.tables["decision"]
# All that the MAC covers. Of the evidence that is its hash, so that it need not be read.
CHECKED = [column for column in TABLE.columns if column.name != "evidence"]


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
    proof: str | None = None

    @property
    def signature(self) -> str:
        """Who decided, and whether that is only what somebody typed."""
        is_typed = self.how == How.PERSON and self.proof is None
        return f"{self.by} ({UNPROVED})" if is_typed else self.by


def votes(session: Session, keys: RecordKeys, site: str, scope: str) -> list[Vote]:
    """What people decided about the site's requests, oldest first; raises DoesNotHold.

    Once somebody is enrolled for the site, no approval counts whose name is not proved. A rejection
    does: without it, a rule might approve what a person turned away.
    """
    check_people(session, keys, site, scope)
    mine = (
        select(*CHECKED)
        .where(col(DecisionRow.site) == site, col(DecisionRow.scope) == scope)
        .where(col(DecisionRow.how) == How.PERSON)
    )
    if is_demanded(enrolled(session, keys), site):
        is_reject = col(DecisionRow.decision) == Decision.REJECT
        mine = mine.where(is_reject | col(DecisionRow.proof).is_not(None))
    return [_vote(row) for row in checked(session, keys, mine.order_by(col(DecisionRow.id)))]


def _vote(row: Row) -> Vote:
    return Vote(
        key=(row["request_key"], row["fingerprint"]),
        decision=Decision(row["decision"]),
        by=row["decided_by"],
        reason=row["reason"],
        quorum=row["quorum"],
        is_proved=row["proof"] is not None,
    )


def proved_at(proof: str | None) -> datetime | None:
    """When the digits were shown that a recorded proof rests on; None where there is none."""
    return datetime.fromtimestamp(json.loads(proof)["time_step"] * 30, UTC) if proof else None


def checked(session: Session, keys: RecordKeys, rows: Executable) -> Iterator[Row]:
    """The rows that a SELECT of CHECKED finds; DoesNotHold at the first without its MAC."""
    for found in session.execute(rows).mappings():
        row = dict(found)
        keys.check("decision", row)
        yield row


def recorded(keys: RecordKeys, row: DecisionRow) -> Recorded:
    """The decision that a row holds; DoesNotHold where it was changed."""
    keys.check("decision", row.model_dump())
    if digest(json.loads(row.evidence)) != row.evidence_hash:
        raise DoesNotHold(f"the evidence of decision {row.id}")
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
        proof=row.proof,
    )
