"""A policy beside past decisions by people: where it differs, and the worst of that first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.admission.condition import Condition
from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import BUILT_IN, EXACT_MATCH, HUMAN, ZERO_TOUCH, Basis, Policy, Rule
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.identity import Identity
from fleet.state.verdict import Decision
from reports.admission.backtest import COLUMNS, ORDER, Difference, RecordedVote, back_test
from reports.page.table import to_rows
from tests.fleet.builders import NOW, mac

APPROVE, REJECT = Decision.APPROVE, Decision.REJECT
VIRTUAL = Condition(hardware=("virtual",))
NO_VIRTUAL = Policy(rules=(Rule("no VMs", REJECT, VIRTUAL, reason="plants have none"),))
CLONED = (Suspicion(SuspicionKind.CLONE, "two machines show this MAC"),)


def an_evidence(number: int = 1, **more: Any) -> Evidence:
    """An exact match, unless `more` says otherwise."""
    identity = Identity(None, frozenset({mac(number % 256)}))
    own = {
        "site": "plant-7",
        "request_key": f"key-{number}",
        "request_id": str(number),
        "device": f"edge-{number:03}",
        "code": Code.OWN,
        "code_of": "",
        "expected": identity,
        "observed": identity,
        "hardware": "physical",
    }
    return Evidence(**(own | more))


def a_vote(
    decision: Decision = APPROVE,
    evidence: Evidence | None = None,
    by: str = "Anna",
    minute: int = 0,
    **more: Any,
) -> RecordedVote:
    at = NOW + timedelta(minutes=minute)
    own = {"scope": "LEM project a", "reason": "I know it", "is_proved": True} | more
    return RecordedVote(
        decided_by=by,
        decided_at=at,
        decision=decision,
        evidence=evidence or an_evidence(),
        **own,
    )


def differences(votes: list[RecordedVote], policy: Policy) -> list[Difference]:
    return [each.difference for each in back_test(votes, policy).compared]


@pytest.mark.parametrize(
    ("decision", "more", "policy", "difference"),
    [
        (APPROVE, {}, EXACT_MATCH, Difference.AGREEMENT),
        (REJECT, {}, EXACT_MATCH, Difference.FALSE_APPROVAL),
        (APPROVE, {"hardware": "virtual"}, NO_VIRTUAL, Difference.FALSE_REJECTION),
        (REJECT, {"hardware": "virtual"}, NO_VIRTUAL, Difference.AGREEMENT),
        (APPROVE, {"suspicions": CLONED}, EXACT_MATCH, Difference.HELD),
        (REJECT, {"suspicions": CLONED}, EXACT_MATCH, Difference.HELD),
        (APPROVE, {"hardware": ""}, NO_VIRTUAL, Difference.HELD),
        (APPROVE, {}, HUMAN, Difference.HELD),
        (REJECT, {"device": None}, HUMAN, Difference.HELD),
        (APPROVE, {}, ZERO_TOUCH, Difference.LEFT),
        (REJECT, {}, ZERO_TOUCH, Difference.LEFT),
    ],
)
def test_each_decision_is_compared_with_what_the_policy_would_do(
    decision, more, policy, difference
):
    assert differences([a_vote(decision, an_evidence(**more))], policy) == [difference]


@pytest.mark.parametrize("decision", [APPROVE, REJECT])
def test_a_policy_in_shadow_mode_is_judged_as_if_it_were_enforced(decision):
    votes = [a_vote(decision)]

    assert differences(votes, replace(EXACT_MATCH, shadow=True)) == differences(votes, EXACT_MATCH)


def test_the_worst_comes_first_and_what_is_newer_before_what_is_older():
    virtual = {"hardware": "virtual"}
    votes = [
        a_vote(APPROVE, an_evidence(1), minute=1),
        a_vote(APPROVE, an_evidence(2, suspicions=CLONED), minute=2),
        a_vote(REJECT, an_evidence(3, suspicions=CLONED), minute=3),
        a_vote(APPROVE, an_evidence(4, **virtual), minute=4),
        a_vote(REJECT, an_evidence(5), minute=5),
        a_vote(REJECT, an_evidence(6), minute=6),
    ]

    found = back_test(votes, NO_VIRTUAL)

    requests = [each.votes[-1].evidence.request_id for each in found.compared]
    assert requests == ["6", "5", "4", "3", "2", "1"]
    assert found.headline() == (
        "Of 6 decisions by people, the policy exact-match would have approved 2 that they "
        "rejected, rejected 1 that they approved, held 2 for a person, and agreed with 1."
    )


def test_what_is_left_to_its_system_is_reported_as_that():
    assert back_test([a_vote()], ZERO_TOUCH).headline("plant-7") == (
        "Of 1 decision by people at plant-7, the policy zero-touch would have approved 0 that they "
        "rejected, rejected 0 that they approved, held 0 for a person, left 1 to their system, and "
        "agreed with 0."
    )


def test_a_row_says_who_decided_what_and_why_and_what_the_policy_says():
    (row,) = to_rows(back_test([a_vote(REJECT, reason="lost in transit")], EXACT_MATCH).frame())

    assert row == {
        "difference": "false approval",
        "site": "plant-7",
        "device": "edge-001",
        "request": "#1",
        "people": "rejected",
        "by": "Anna",
        "decided": "2026-03-02 09:00:00Z",
        "reason": "lost in transit",
        "policy": "approved",
        "policy's reason": f"it shows this site's code and MAC {mac(1)}",
    }


def test_votes_of_several_people_on_one_request_are_one_decision():
    votes = [
        a_vote(by="Anna", minute=1, quorum=2),
        a_vote(by="Bob", minute=2, quorum=2, reason="it is mine"),
    ]

    (row,) = to_rows(back_test(votes, HUMAN).frame())

    assert (row["by"], row["decided"]) == ("Anna and Bob", "2026-03-02 09:02:00Z")
    assert row["reason"] == "I know it; it is mine"


def test_a_name_that_somebody_typed_is_reported_as_that():
    (row,) = to_rows(back_test([a_vote(is_proved=False)], HUMAN).frame())

    assert row["by"] == "Anna (name not proved)"


def test_one_rejection_outweighs_the_approvals_before_it():
    votes = [a_vote(by="Anna", quorum=3), a_vote(REJECT, by="Bob", quorum=3, reason="stolen")]

    (row,) = to_rows(back_test(votes, EXACT_MATCH).frame())

    assert (row["difference"], row["by"], row["reason"]) == ("false approval", "Bob", "stolen")


def test_approvals_that_do_not_suffice_are_no_decision():
    found = back_test([a_vote(quorum=2)], EXACT_MATCH)

    assert found.compared == ()
    assert found.headline() == (
        "People have made no decisions yet to compare the policy exact-match with. "
        "Left out: 1 request without enough approvals yet."
    )


def test_a_request_that_changed_after_it_was_decided_is_decided_anew():
    votes = [a_vote(), a_vote(REJECT, an_evidence(hostname="other"))]

    assert differences(votes, EXACT_MATCH) == [Difference.FALSE_APPROVAL, Difference.AGREEMENT]


def test_requests_of_different_systems_that_are_alike_are_different_requests():
    votes = [a_vote(), a_vote(scope="LEM project b")]

    assert len(back_test(votes, EXACT_MATCH).compared) == 2


def test_the_evidence_is_that_on_which_the_last_one_decided():
    votes = [
        a_vote(by="Anna", quorum=2),
        a_vote(by="Bob", quorum=2, evidence=an_evidence(suspicions=CLONED)),
    ]

    assert differences(votes, EXACT_MATCH) == [Difference.HELD]


def test_of_nothing_the_table_is_empty_and_has_its_columns():
    found = back_test([], EXACT_MATCH)

    assert (list(found.frame().columns), len(found.frame())) == ([*COLUMNS], 0)
    assert to_rows(found.frame()) == []
    assert set(found.counts.values()) == {0}
    assert found.headline("plant-7") == (
        "People have made no decisions at plant-7 yet to compare the policy exact-match with."
    )


EVIDENCE: dict[str, st.SearchStrategy[Any]] = {
    "device": st.sampled_from([None, "edge-1"]),
    "code": st.sampled_from(Code),
    "observed": st.sampled_from([Identity(), Identity(None, frozenset({mac(9)}))]),
    "hardware": st.sampled_from(["", "physical", "virtual"]),
    "suspicions": st.sampled_from([(), CLONED]),
}
VOTES = st.lists(
    st.builds(
        lambda decision, evidence, by, number, quorum: a_vote(
            decision, an_evidence(number, **evidence), by, quorum=quorum
        ),
        st.sampled_from([APPROVE, REJECT]),
        st.fixed_dictionaries({}, optional=EVIDENCE),
        st.sampled_from(["Anna", "Bob", "Cleo"]),
        st.integers(0, 5),
        st.integers(1, 3),
    )
)
RULES = st.builds(
    Rule,
    name=st.just("a rule"),
    then=st.sampled_from([APPROVE, REJECT, Decision.HOLD]),
    when=st.sampled_from([Condition(), VIRTUAL, Condition(code="other")]),
)
POLICIES = st.sampled_from([*BUILT_IN.values()]) | st.builds(
    Policy,
    basis=st.sampled_from(Basis),
    rules=st.lists(RULES, max_size=2).map(tuple),
    shadow=st.booleans(),
)


@given(VOTES, POLICIES)
def test_every_decision_appears_exactly_once(votes, policy):
    decided = [replace(each, quorum=1, evidence=an_evidence(n)) for n, each in enumerate(votes)]

    rows = to_rows(back_test(decided, policy).frame())

    assert sorted(row["request"] for row in rows) == sorted(f"#{n}" for n in range(len(votes)))


@given(VOTES, POLICIES)
def test_every_request_counts_once_or_lacks_votes(votes, policy):
    requests = {(each.evidence.request_key, each.evidence.fingerprint) for each in votes}

    found = back_test(votes, policy)

    assert len(found.compared) + found.undecided == len(requests)


@given(VOTES, POLICIES)
def test_the_counts_sum_to_the_total_and_the_rows_come_in_the_order_of_the_counts(votes, policy):
    found = back_test(votes, policy)

    rows = [row["difference"] for row in to_rows(found.frame())]
    assert tuple(found.counts) == ORDER
    assert rows == [each.value for each in ORDER for _ in range(found.counts[each])]


@given(VOTES)
def test_exact_matches_that_people_approved_are_approved_by_exact_match(votes):
    fitting = [v for v in votes if v.evidence.is_exact and v.decision is APPROVE]

    found = back_test(fitting, EXACT_MATCH)

    assert found.counts[Difference.AGREEMENT] == len(found.compared)


@given(VOTES)
def test_a_policy_that_holds_everything_is_never_false(votes):
    found = back_test(votes, HUMAN)

    assert found.counts[Difference.HELD] == len(found.compared)
