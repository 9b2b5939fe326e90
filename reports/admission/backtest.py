"""A back-test: what a policy would have decided on every request that people decided."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import pandas as pd

from fleet.admission.evidence import Evidence
from fleet.admission.policy import Policy
from fleet.admission.review import UNPROVED, Vote, decisions
from fleet.state.verdict import Decision, Verdict
from reports.page.wording import counted, legible


class Difference(StrEnum):
    """How a policy differs from people, the worst first."""

    FALSE_APPROVAL = "false approval"
    FALSE_REJECTION = "false rejection"
    HELD = "held"
    LEFT = "left to its system"
    AGREEMENT = "agreement"


ORDER = tuple(Difference)
_PAST = {
    Decision.APPROVE: "approved",
    Decision.REJECT: "rejected",
    Decision.HOLD: "held",
    Decision.LEAVE: "left",
}
COLUMNS = (
    "difference",
    "site",
    "device",
    "request",
    "people",
    "by",
    "decided",
    "reason",
    "policy",
    "policy's reason",
)


@dataclass(frozen=True, slots=True)
class RecordedVote:
    """One person's recorded decision on a request, with its evidence; `scope` names its system."""

    scope: str
    decided_by: str
    decided_at: datetime
    decision: Decision
    reason: str
    evidence: Evidence
    quorum: int = 1
    is_proved: bool = False

    @property
    def signature(self) -> str:
        """Who decided, and whether that is only what somebody typed."""
        return self.decided_by if self.is_proved else f"{self.decided_by} ({UNPROVED})"


@dataclass(frozen=True, slots=True)
class Compared:
    """One request that people decided, and what the policy would have decided."""

    votes: tuple[RecordedVote, ...]
    verdict: Verdict

    @property
    def decision(self) -> Decision:
        """What people decided."""
        return self.votes[-1].decision

    @property
    def decided_at(self) -> datetime:
        """When the last of the votes that it took was cast."""
        return self.votes[-1].decided_at

    @property
    def difference(self) -> Difference:
        """How the policy differs; what it holds or leaves to its system is never false."""
        would = self.verdict.decision
        if would is Decision.HOLD:
            return Difference.HELD
        if would is Decision.LEAVE:
            return Difference.LEFT
        if would is self.decision:
            return Difference.AGREEMENT
        is_approval = would is Decision.APPROVE
        return Difference.FALSE_APPROVAL if is_approval else Difference.FALSE_REJECTION


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a policy would have decided, false approvals first; `undecided` requests lack votes."""

    policy: Policy
    compared: tuple[Compared, ...]
    undecided: int

    @property
    def counts(self) -> dict[Difference, int]:
        """How often it differs in each way; every way is present."""
        found = Counter(each.difference for each in self.compared)
        return {difference: found[difference] for difference in ORDER}

    def headline(self, site: str = "") -> str:
        """All of it in a sentence."""
        message = self._message(f" at {site}" if site else "")
        if not self.undecided:
            return message
        lacking = counted(self.undecided, "request")
        return f"{message} Left out: {lacking} without enough approvals yet."

    def frame(self) -> pd.DataFrame:
        """One row per request that people decided, false approvals first."""
        rows = pd.DataFrame([_row(each) for each in self.compared], columns=[*COLUMNS])
        return rows.astype({"decided": "datetime64[us, UTC]"})

    def _message(self, where: str) -> str:
        name = f"the policy {self.policy.name}"
        if not self.compared:
            return f"People have made no decisions{where} yet to compare {name} with."
        number = {difference: f"{count:,}" for difference, count in self.counts.items()}
        left = self.counts[Difference.LEFT]
        to_system = f"left {left:,} to their system, " if left else ""
        return (
            f"Of {counted(len(self.compared), 'decision')} by people{where}, {name} would have "
            f"approved {number[Difference.FALSE_APPROVAL]} that they rejected, "
            f"rejected {number[Difference.FALSE_REJECTION]} that they approved, "
            f"held {number[Difference.HELD]} for a person, {to_system}"
            f"and agreed with {number[Difference.AGREEMENT]}."
        )


def back_test(votes: Iterable[RecordedVote], policy: Policy) -> BackTest:
    """Judge every request that people decided again, by `policy` as if it were enforced.

    `votes` are in the order in which they were cast. Several votes on one request are one decision,
    or none while they are too few.
    """
    enforced = replace(policy, shadow=False)
    by_request: dict[tuple[str, str, str], list[RecordedVote]] = defaultdict(list)
    for each in votes:
        evidence = each.evidence
        by_request[each.scope, evidence.request_key, evidence.fingerprint].append(each)
    decided = [made for cast in by_request.values() if (made := _decisive(cast))]
    compared = [Compared(made, enforced.judge(made[-1].evidence)) for made in decided]
    newest_first = sorted(compared, key=lambda each: each.decided_at, reverse=True)
    worst_first = sorted(newest_first, key=_badness)
    return BackTest(policy, tuple(worst_first), len(by_request) - len(decided))


def _decisive(cast: Sequence[RecordedVote]) -> tuple[RecordedVote, ...]:
    """The votes on one request that made its decision; none while it has no decision."""
    votes = [
        Vote(("", ""), each.decision, each.decided_by, each.reason, each.quorum) for each in cast
    ]
    decision = next(iter(decisions(votes).values()), None)
    return tuple(each for each in cast if decision and each.decision is decision.decision)


def _badness(each: Compared) -> tuple[int, bool]:
    """The worst kind first; within a kind, what people rejected before what they approved."""
    return ORDER.index(each.difference), each.decision is Decision.APPROVE


def _row(each: Compared) -> tuple[str | datetime, ...]:
    evidence = each.votes[-1].evidence
    return (
        each.difference.value,
        evidence.site,
        evidence.device or "",
        legible(f"#{evidence.request_id}"),
        _PAST[each.decision],
        legible(" and ".join(dict.fromkeys(vote.signature for vote in each.votes))),
        each.decided_at,
        legible("; ".join(dict.fromkeys(vote.reason for vote in each.votes))),
        _PAST[each.verdict.decision],
        legible(each.verdict.reason),
    )
