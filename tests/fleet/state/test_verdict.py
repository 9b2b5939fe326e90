"""Verdicts: the codes of decisions, as they are stored and as policy files write them."""

from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict


def test_the_codes_of_decisions_are_pinned() -> None:
    assert [each.value for each in Decision] == ["approve", "reject", "hold", "leave"]


def test_a_verdict_is_a_rules_unless_it_names_a_person() -> None:
    verdict = Verdict(Decision.HOLD, ReasonCode.HELD_BY_RULE, "so it is written")

    assert (verdict.by, verdict.would) == ("", None)
