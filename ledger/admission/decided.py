"""Decided: what is to be recorded, and its row but for number, hashes and MAC."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fleet.admission.approver import Proof
from fleet.admission.evidence import Evidence, canonical, digest
from fleet.admission.policy import Policy
from fleet.state.verdict import Decision
from ledger.admission.how import How
from ledger.database.row_file import Row
from ledger.state.claims import Claim


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, as it is to be recorded: who approved, rejected or held what, and why.

    `proof` is that of a person who is enrolled.
    """

    evidence: Evidence
    decision: Decision
    by: str
    reason: str
    how: How
    quorum: int = 1
    review_id: str | None = None
    proof: Proof | None = None


def row_of(each: Decided, claim: Claim, policy: Policy, now: datetime) -> Row:
    """The row of a decision on a request."""
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
        "proof": canonical(each.proof.facts()) if each.proof else None,
    }


def row_about(
    how: How, decision: str, about: Row, by: str, reason: str, now: datetime, **more: Any
) -> Row:
    """A row that is about no request, for `append_rows`; `about` is its evidence."""
    return {
        "decided_at": now.astimezone(UTC),
        "decided_by": by,
        "how": how.value,
        "decision": decision,
        "reason": reason,
        "scope": "",
        "site": "",
        "device": None,
        "request_key": "",
        "fingerprint": digest(about),
        "evidence": canonical(about),
        "evidence_hash": digest(about),
        "policy": "",
        "policy_version": "",
        "quorum": 1,
        "review_id": None,
        "proof": None,
    } | more
