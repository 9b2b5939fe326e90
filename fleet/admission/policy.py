"""Policy: what is approved by rule. Reject wins, and what is undecided or in error is held."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fleet.admission.condition import Condition, Undecided
from fleet.admission.evidence import Evidence
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict


class Basis(StrEnum):
    """What is decided about a request that fits its line and to which no rule applies."""

    EXACT_MATCH = "exact-match"
    HUMAN = "human"
    ZERO_TOUCH = "zero-touch"


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision on every request for which `when` is true and `unless` is not."""

    name: str
    then: Decision
    when: Condition = field(default_factory=Condition)
    unless: Condition | None = None
    reason: str = ""

    @property
    def message(self) -> str:
        """Its reason, with its name."""
        return f"rule {self.name!r}: {self.reason}" if self.reason else f"rule {self.name!r}"

    def applies(self, evidence: Evidence) -> bool:
        """Whether it applies to that request; raises Undecided when that is not known."""
        unsure: Undecided | None = None
        try:
            if not self.when.is_met(evidence):
                return False
        except Undecided as error:
            unsure = error
        if self.unless and self.unless.is_met(evidence):
            return False
        if unsure:
            raise unsure
        return True


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules by which requests are approved, held or rejected.

    A rule can narrow what is approved and never widen it: a request that does not show its code and
    its identity, or is suspicious, is never approved by rule. In `shadow` everything is decided and
    recorded, and all of it held. A person's approval needs `quorum` different names; the person
    who asked for a review may take part in it only if `requester_may_approve`.
    """

    basis: Basis = Basis.EXACT_MATCH
    rules: tuple[Rule, ...] = ()
    shadow: bool = False
    quorum: int = 1
    requester_may_approve: bool = True
    name: str = Basis.EXACT_MATCH.value
    version: str = ""

    @property
    def approving(self) -> tuple[Rule, ...]:
        """Its rules that approve."""
        return tuple(rule for rule in self.rules if rule.then is Decision.APPROVE)

    @property
    def asking_people(self) -> "Policy":
        """The same policy, but a person must approve what it would approve."""
        rules = tuple(rule for rule in self.rules if rule.then is not Decision.APPROVE)
        return replace(self, basis=Basis.HUMAN, rules=rules)

    def judge(self, evidence: Evidence) -> Verdict:
        """What is decided about that request, and why."""
        verdict = self._decided(evidence)
        if not self.shadow or verdict.decision in {Decision.HOLD, Decision.LEAVE}:
            return verdict
        code = _WOULD[verdict.decision]
        reason = f"in shadow mode; the policy would {verdict.decision.value} it: {verdict.reason}"
        return Verdict(Decision.HOLD, code, reason, would=verdict.decision)

    def _decided(self, evidence: Evidence) -> Verdict:
        applying, unsure = self._applying(evidence)
        if denying := [rule for rule in applying if rule.then is Decision.REJECT]:
            reason = _joined(rule.message for rule in denying)
            return Verdict(Decision.REJECT, ReasonCode.REJECTED_BY_RULE, reason)
        holding = [rule.message for rule in applying if rule.then is Decision.HOLD]
        found = [each.message or each.kind.value for each in evidence.suspicions]
        found = [evidence.contradiction, *(found or [evidence.misfit]), *holding, *unsure]
        if reservations := [*filter(None, found)]:
            code = _code_of_hold(evidence, holding, unsure)
            return Verdict(Decision.HOLD, code, _joined(reservations))
        if self.basis is Basis.ZERO_TOUCH:
            return Verdict(
                Decision.LEAVE, ReasonCode.LEFT_TO_ZERO_TOUCH, "its zero-touch profile admits it"
            )
        if approving := [rule for rule in applying if rule.then is Decision.APPROVE]:
            reason = f"{evidence.proof} ({approving[0].message})"
            return Verdict(Decision.APPROVE, ReasonCode.APPROVED_BY_RULE, reason)
        if self.basis is Basis.EXACT_MATCH:
            return Verdict(Decision.APPROVE, ReasonCode.EXACT_MATCH, evidence.proof)
        reason = f"a person decides here; {evidence.proof}"
        return Verdict(Decision.HOLD, ReasonCode.PERSON_DECIDES, reason)

    def _applying(self, evidence: Evidence) -> tuple[list[Rule], list[str]]:
        """The rules that apply; and why others are undecided, where that means to hold."""
        applying: list[Rule] = []
        unsure: list[str] = []
        for rule in self.rules:
            try:
                if rule.applies(evidence):
                    applying.append(rule)
            except Undecided as error:
                if rule.then is not Decision.APPROVE:
                    unsure.append(f"rule {rule.name!r} cannot be decided: {error}")
        return applying, unsure


def strictest(policies: Sequence[Policy]) -> Policy:
    """One policy that approves what all of `policies` approve (one or more), and holds the rest.

    For connections with policies of their own that lead to one place.
    """
    if len(policies) == 1:
        return policies[0]
    basis = max((each.basis for each in policies), key=_STRICTNESS.index)
    deciding = [each for each in policies if each.basis is not Basis.EXACT_MATCH]
    approving = deciding[0].approving if len(deciding) == 1 else ()
    narrowing = (rule for each in policies for rule in each.rules if rule not in each.approving)
    return Policy(
        basis=basis,
        rules=(*narrowing, *approving),
        shadow=any(each.shadow for each in policies),
        quorum=max(each.quorum for each in policies),
        requester_may_approve=all(each.requester_may_approve for each in policies),
        name=" and ".join(each.name for each in policies),
        version="+".join(each.version for each in policies),
    )


_STRICTNESS = (Basis.EXACT_MATCH, Basis.ZERO_TOUCH, Basis.HUMAN)


def _code_of_hold(evidence: Evidence, holding: Sequence[str], unsure: Sequence[str]) -> ReasonCode:
    """A rule comes first, for its message is beside what the evidence says."""
    if holding:
        return ReasonCode.HELD_BY_RULE
    return ReasonCode.RULE_UNDECIDED if unsure else evidence.misfit_code


def _joined(reasons: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))


_WOULD: Mapping[Decision, ReasonCode] = {
    Decision.APPROVE: ReasonCode.WOULD_APPROVE,
    Decision.REJECT: ReasonCode.WOULD_REJECT,
}
EXACT_MATCH = Policy()
HUMAN = Policy(Basis.HUMAN, name=Basis.HUMAN.value)
ZERO_TOUCH = Policy(Basis.ZERO_TOUCH, name=Basis.ZERO_TOUCH.value)
BUILT_IN = {policy.name: policy for policy in (EXACT_MATCH, HUMAN, ZERO_TOUCH)}
