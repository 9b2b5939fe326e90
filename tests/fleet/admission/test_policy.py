"""Policies: reject wins, undecided holds, no rule widens approval, and people decide."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.action.action import Approve, Hold, Reject
from fleet.admission.condition import Arrival, Burst, Condition
from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import (
    BUILT_IN,
    EXACT_MATCH,
    HUMAN,
    ZERO_TOUCH,
    Basis,
    Policy,
    Rule,
    strictest,
)
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Request
from fleet.planning.assess import Assessment
from fleet.state.memory import Memory
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from tests.fleet.builders import (
    NOW,
    a_device,
    a_request,
    assessed,
    mac,
    remembering,
    shown,
    wanted,
)

DEVICE = a_device()
PROOF = f"it shows this site's code and MAC {mac(1)}"
NOT_ITS_CODE = "it asks by a code that was not given to this device"
EARLY = Suspicion(SuspicionKind.EARLY, "it came early")


def evidence(**more: Any) -> Evidence:
    """Evidence of a request that fits its line; `more` says where it does not."""
    own = {
        "site": "plant-7",
        "request_key": "1/config-1",
        "request_id": "1",
        "device": "edge-1",
        "code": Code.OWN,
        "code_of": "",
        "expected": DEVICE.identity,
        "observed": DEVICE.identity,
    }
    return Evidence(**(own | more))


def rule(then: Decision, name: str = "", **more: Any) -> Rule:
    """A rule that applies to every request, unless `more` says otherwise."""
    return Rule(name or f"{then.value} all", then, reason="so it is written", **more)


def deciding(*rules: Rule, **more: Any) -> Policy:
    return Policy(rules=rules, **more)


REJECTING, HOLDING, APPROVING = map(rule, (Decision.REJECT, Decision.HOLD, Decision.APPROVE))
EXACT = evidence()
UNDECIDED = Condition(version_below="2")  # EXACT reports no version


# The built-in policies


@pytest.mark.parametrize(
    ("given_", "verdict"),
    [
        (evidence(), Verdict(Decision.APPROVE, ReasonCode.EXACT_MATCH, PROOF)),
        (
            evidence(
                expected=Identity("h1", frozenset({mac(1)})),
                observed=Identity("h1", frozenset({mac(1), mac(7)})),
            ),
            Verdict(
                Decision.APPROVE,
                ReasonCode.EXACT_MATCH,
                f"it shows this site's code and host id h1 and MAC {mac(1)}",
            ),
        ),
        (
            evidence(expected=Identity(), observed=Identity("h9")),
            Verdict(
                Decision.APPROVE,
                ReasonCode.EXACT_MATCH,
                "it shows the code made for this device alone",
            ),
        ),
        (evidence(code=Code.OTHER), Verdict(Decision.HOLD, ReasonCode.OTHER_CODE, NOT_ITS_CODE)),
        (
            evidence(code=Code.OTHER, expected=Identity()),
            Verdict(Decision.HOLD, ReasonCode.OTHER_CODE, NOT_ITS_CODE),
        ),
        (
            evidence(observed=Identity("h9"), hostname="edge-1"),
            Verdict(
                Decision.HOLD,
                ReasonCode.OTHER_IDENTITY,
                "neither its host id nor any MAC is this device's",
            ),
        ),
        (
            evidence(device=None),
            Verdict(Decision.HOLD, ReasonCode.UNKNOWN_DEVICE, "it is no device of the roster"),
        ),
        (
            evidence(suspicions=(EARLY,)),
            Verdict(Decision.HOLD, ReasonCode.EARLY, "it came early"),
        ),
    ],
    ids=[
        "a MAC",
        "host id and MAC",
        "own code",
        "foreign code",
        "foreign code, no identity",
        "hostname alone",
        "no line",
        "suspicious",
    ],
)
def test_only_the_right_code_with_the_right_identity_is_approved(
    given_: Evidence, verdict: Verdict
) -> None:
    assert EXACT_MATCH.judge(given_) == verdict


def test_where_people_decide_even_what_fits_is_held() -> None:
    assert HUMAN.judge(EXACT) == Verdict(
        Decision.HOLD, ReasonCode.PERSON_DECIDES, f"a person decides here; {PROOF}"
    )


def test_by_zero_touch_what_fits_is_left_to_its_system_and_the_rest_is_held() -> None:
    left = ZERO_TOUCH.judge(EXACT)
    held = ZERO_TOUCH.judge(evidence(code=Code.OTHER))

    assert left == Verdict(
        Decision.LEAVE, ReasonCode.LEFT_TO_ZERO_TOUCH, "its zero-touch profile admits it"
    )
    assert held == Verdict(Decision.HOLD, ReasonCode.OTHER_CODE, NOT_ITS_CODE)


@pytest.mark.parametrize(("name", "policy"), BUILT_IN.items(), ids=BUILT_IN)
def test_a_built_in_policy_is_known_by_its_name(name: str, policy: Policy) -> None:
    assert (policy.name, policy.basis, policy.rules) == (name, Basis(name), ())


# Rules


@pytest.mark.parametrize(
    ("rules", "decision"),
    [
        ([REJECTING, HOLDING, APPROVING], Decision.REJECT),
        ([APPROVING, REJECTING], Decision.REJECT),
        ([APPROVING, HOLDING], Decision.HOLD),
        ([APPROVING], Decision.APPROVE),
    ],
    ids=["of all three", "reject over approve", "hold over approve", "approve alone"],
)
def test_deny_wins_over_hold_and_hold_over_approve(rules: list[Rule], decision: Decision) -> None:
    assert deciding(*rules).judge(EXACT).decision is decision


def test_a_verdict_names_every_rule_that_denies() -> None:
    verdict = deciding(REJECTING, rule(Decision.REJECT, "again"), HOLDING).judge(EXACT)

    message = "rule 'reject all': so it is written; rule 'again': so it is written"
    assert verdict == Verdict(Decision.REJECT, ReasonCode.REJECTED_BY_RULE, message)


def test_a_verdict_that_holds_says_what_is_suspicious_before_the_rules() -> None:
    verdict = deciding(HOLDING).judge(evidence(suspicions=(EARLY,)))

    assert verdict.reason == "it came early; rule 'hold all': so it is written"
    assert verdict.code is ReasonCode.HELD_BY_RULE


def test_an_approval_by_rule_names_the_proof_and_the_rule() -> None:
    verdict = deciding(APPROVING, basis=Basis.HUMAN).judge(EXACT)

    message = f"{PROOF} (rule 'approve all': so it is written)"
    assert verdict == Verdict(Decision.APPROVE, ReasonCode.APPROVED_BY_RULE, message)


@pytest.mark.parametrize(
    "given_",
    [evidence(code=Code.OTHER), evidence(suspicions=(EARLY,)), evidence(device=None)],
    ids=["foreign code", "suspicious", "unknown-device"],
)
def test_a_rule_that_approves_widens_nothing(given_: Evidence) -> None:
    assert deciding(APPROVING).judge(given_).decision is Decision.HOLD


def test_what_is_suspicious_is_held_even_if_nobody_said_why() -> None:
    speechless = evidence(suspicions=(Suspicion(SuspicionKind.CLONE, ""),))

    assert deciding(APPROVING).judge(speechless) == Verdict(
        Decision.HOLD, ReasonCode.CLONE, "clone"
    )


def test_a_rule_does_not_speak_of_what_it_excepts() -> None:
    exempt = rule(Decision.REJECT, unless=Condition(hostname=("edge-*",)))

    assert deciding(exempt).judge(evidence(hostname="edge-1")).decision is Decision.APPROVE
    assert deciding(exempt).judge(evidence(hostname="kiosk")).decision is Decision.REJECT


@pytest.mark.parametrize("then", [Decision.REJECT, Decision.HOLD])
def test_what_a_denying_rule_cannot_decide_is_held(then: Decision) -> None:
    verdict = deciding(rule(then, "old", when=UNDECIDED)).judge(EXACT)

    message = "rule 'old' cannot be decided: it reports no version"
    assert verdict == Verdict(Decision.HOLD, ReasonCode.RULE_UNDECIDED, message)


def test_what_an_approving_rule_cannot_decide_is_as_if_it_were_not_written() -> None:
    unsure = rule(Decision.APPROVE, when=UNDECIDED)

    assert deciding(unsure).judge(EXACT) == EXACT_MATCH.judge(EXACT)
    assert deciding(unsure, basis=Basis.HUMAN).judge(EXACT) == HUMAN.judge(EXACT)


@pytest.mark.parametrize(
    ("when", "unless", "decision"),
    [
        (Condition(), UNDECIDED, Decision.HOLD),
        (Condition(code="other"), UNDECIDED, Decision.APPROVE),
        (UNDECIDED, Condition(code="other"), Decision.HOLD),
        (UNDECIDED, Condition(code="own"), Decision.APPROVE),
        (UNDECIDED, UNDECIDED, Decision.HOLD),
    ],
    ids=["unless", "when is false", "when", "the exception is true", "both"],
)
def test_a_rule_is_undecided_only_where_it_could_still_speak(
    when: Condition, unless: Condition, decision: Decision
) -> None:
    assert deciding(rule(Decision.REJECT, when=when, unless=unless)).judge(EXACT).decision is (
        decision
    )


def test_a_rule_that_denies_decides_whatever_another_leaves_open() -> None:
    policy = deciding(rule(Decision.HOLD, when=UNDECIDED), REJECTING)

    assert policy.judge(EXACT).decision is Decision.REJECT


def test_where_people_are_asked_no_rule_approves_and_the_others_stay() -> None:
    policy = deciding(APPROVING, rule(Decision.REJECT, when=Condition(code="other"))).asking_people

    assert policy.judge(EXACT).decision is Decision.HOLD
    assert policy.judge(evidence(code=Code.OTHER)).decision is Decision.REJECT


# Shadow mode


@pytest.mark.parametrize(
    ("rules", "code", "reason"),
    [
        ([], ReasonCode.WOULD_APPROVE, f"the policy would approve it: {PROOF}"),
        (
            [REJECTING],
            ReasonCode.WOULD_REJECT,
            "the policy would reject it: rule 'reject all': so it is written",
        ),
    ],
    ids=["approve", "reject"],
)
def test_in_shadow_mode_all_is_held_and_the_reason_says_what_would_be_decided(
    rules: list[Rule], code: ReasonCode, reason: str
) -> None:
    verdict = deciding(*rules, shadow=True).judge(EXACT)

    would = deciding(*rules).judge(EXACT).decision
    message = f"in shadow mode; {reason}"
    assert verdict == Verdict(Decision.HOLD, code, message, would=would)


@pytest.mark.parametrize("policy", [HUMAN, ZERO_TOUCH], ids=["hold", "leave"])
def test_hold_and_leave_are_the_same_in_shadow_mode(policy: Policy) -> None:
    assert replace(policy, shadow=True).judge(EXACT) == policy.judge(EXACT)


def test_in_shadow_mode_nothing_is_approved_or_rejected_and_every_hold_says_what_would_be() -> None:
    request, unknown_device = a_request("1"), a_request("2", macs=[mac(9)])
    unknown_devices = rule(
        Decision.REJECT, when=Condition(suspicion=(SuspicionKind.UNKNOWN_DEVICE,))
    )
    desired = wanted(DEVICE, policy=deciding(unknown_devices, shadow=True))

    assessment = assessed(desired, shown(request, unknown_device), remembering("edge-1"))

    assert (assessment.statuses[0].action, assessment.rejections) == (None, ())
    assert {hold.request.id: hold.would for hold in assessment.holds} == {
        "1": Decision.APPROVE,
        "2": Decision.REJECT,
    }


# Laws

identities = st.builds(
    Identity, st.sampled_from([None, "h1", "h2"]), st.frozensets(st.sampled_from([mac(1), mac(2)]))
)
pieces_of_evidence = st.builds(
    evidence,
    device=st.sampled_from(["edge-1", "edge-1", "edge-1", None]),
    code=st.sampled_from([Code.OWN, Code.OWN, Code.OTHER]),
    expected=identities,
    observed=identities,
    hostname=st.sampled_from(["", "edge-1", "kiosk"]),
    hardware=st.sampled_from(["", "physical", "virtual"]),
    version=st.sampled_from(["", "3.5", "3.10", "odd"]),
    asked_at=st.sampled_from([None, NOW]),
    arrivals=st.sampled_from([None, {"minute": 1, "10 minutes": 5, "hour": 50}]),
    machines=st.integers(0, 3),
    listed=st.integers(0, 3),
    suspicions=st.lists(
        st.builds(Suspicion, st.sampled_from(SuspicionKind), st.sampled_from(["", "odd"])),
        max_size=2,
    ).map(tuple)
    | st.just(()),
)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from(["own", "other"]),
        "host_id": st.sampled_from(["same", "differs", "not shown"]),
        "macs": st.sampled_from(["all", "any", "none"]),
        "hostname": st.just("edge-*"),
        "hardware": st.just("physical"),
        "version_at_least": st.just("3.6"),
        "arrived": st.just(Arrival(days=("mon",))),
        "burst": st.just(Burst(more_than=10)),
        "machines_more_than": st.sampled_from(["roster", 1]),
        "suspicion": st.just(SuspicionKind.CLONE),
    },
).map(lambda words: Condition(**words))
THENS = [Decision.APPROVE, Decision.HOLD, Decision.REJECT]


def rules(*thens: Decision) -> st.SearchStrategy[list[Rule]]:
    one = st.builds(
        Rule, st.text(max_size=3), st.sampled_from(thens), conditions, st.none() | conditions
    )
    return st.lists(one, max_size=4)


policies = st.builds(
    Policy,
    basis=st.sampled_from(Basis),
    rules=rules(*THENS).map(tuple),
    shadow=st.sampled_from([False, False, False, True]),
)


@given(policies, pieces_of_evidence)
def test_whatever_the_rules_nothing_is_approved_that_is_not_exact(
    policy: Policy, given_: Evidence
) -> None:
    verdict = policy.judge(given_)

    assert verdict.decision is not Decision.APPROVE or given_.is_exact


@given(policies, rules(Decision.HOLD, Decision.REJECT), pieces_of_evidence)
def test_one_more_denying_rule_never_makes_more_approved(
    policy: Policy, more: list[Rule], given_: Evidence
) -> None:
    stricter = replace(policy, rules=(*policy.rules, *more))

    verdict = stricter.judge(given_)

    assert verdict.decision is not Decision.APPROVE or policy.judge(given_) == verdict


@given(policies, pieces_of_evidence)
def test_judging_twice_is_judging_once(policy: Policy, given_: Evidence) -> None:
    assert policy.judge(given_) == policy.judge(Evidence.from_facts(given_.facts()))


@given(policies, pieces_of_evidence, st.data())
def test_the_order_of_rules_does_not_change_the_decision(
    policy: Policy, given_: Evidence, data: st.DataObject
) -> None:
    shuffled = replace(policy, rules=tuple(data.draw(st.permutations(policy.rules))))

    one, other = policy.judge(given_), shuffled.judge(given_)

    assert (one.decision, one.would) == (other.decision, other.would)


@given(st.lists(policies, min_size=1, max_size=3), pieces_of_evidence)
def test_the_strictest_of_several_policies_lets_in_what_each_lets_in(
    several: list[Policy], given_: Evidence
) -> None:
    decision = strictest(several).judge(given_).decision

    each = {policy.judge(given_).decision for policy in several}
    is_shadow = any(policy.shadow for policy in several)
    assert decision is not Decision.APPROVE or each == {Decision.APPROVE}
    assert decision is not Decision.LEAVE or is_shadow or Decision.HOLD not in each
    assert Decision.REJECT not in each or decision is Decision.REJECT or is_shadow


def test_the_strictest_of_several_policies_asks_as_many_people_as_the_strictest() -> None:
    one = Policy(quorum=2, name="a", version="1")
    other = Policy(Basis.HUMAN, requester_may_approve=False, name="b", version="2")

    found = strictest([one, other])

    assert (found.basis, found.quorum, found.requester_may_approve) == (Basis.HUMAN, 2, False)
    assert (found.name, found.version) == ("a and b", "1+2")


def test_a_rule_is_named_with_its_reason_if_it_has_one() -> None:
    assert Rule("no kiosks", Decision.HOLD).message == "rule 'no kiosks'"
    assert Rule("no kiosks", Decision.HOLD, reason="lent").message == "rule 'no kiosks': lent"


def test_a_policy_that_says_nothing_more_is_that_of_exact_matches() -> None:
    assert (
        Policy() == EXACT_MATCH == Policy(Basis.EXACT_MATCH, (), False, 1, True, "exact-match", "")
    )


def test_the_strictest_of_several_policies_narrows_by_all_and_approves_by_the_only_stricter() -> (
    None
):
    narrow, human = deciding(HOLDING), Policy(Basis.HUMAN, rules=(REJECTING, APPROVING))
    other = Policy(Basis.ZERO_TOUCH, rules=(APPROVING,))

    assert human.approving == (APPROVING,)
    assert strictest([human]) is human
    assert strictest([narrow, human]).rules == (HOLDING, REJECTING, APPROVING)
    assert strictest([narrow, human, other]).rules == (HOLDING, REJECTING)
    assert strictest([narrow, deciding(APPROVING)]).rules == (HOLDING,)


@given(policies, pieces_of_evidence)
def test_every_verdict_has_a_reason(policy: Policy, given_: Evidence) -> None:
    assert policy.judge(given_).reason


@given(policies, pieces_of_evidence)
def test_shadow_mode_changes_nothing(policy: Policy, given_: Evidence) -> None:
    open_ = replace(policy, shadow=False).judge(given_)
    shadowed = replace(policy, shadow=True).judge(given_)

    assert shadowed.decision in {Decision.HOLD, Decision.LEAVE}
    assert (shadowed.would or shadowed.decision) is open_.decision


# What people decided


def found(*requests: Request, memory: Memory, device: Device = DEVICE) -> Assessment:
    return assessed(wanted(device), shown(*requests), memory)


def decided(request: Request, decision: Decision, says: Callable[[str], str] = str) -> Memory:
    """A memory in which Ann decided on `request` after she saw it; `says` alters what she saw."""
    (hold,) = found(request, memory=remembering("edge-1")).holds
    assert hold.evidence is not None
    fingerprint, said = says(hold.evidence.fingerprint), says(hold.evidence.said)
    return replace(
        remembering("edge-1"),
        decisions={
            (request.key, fingerprint): Verdict(
                decision, ReasonCode.UNKNOWN, "Ann (I know it)", by="Ann"
            )
        },
        reviewed={request.key: frozenset({said})},
    )


FOREIGN = a_request(code="config-9")
NOBODY = a_request(macs=[mac(9)])


def another(hash_: str) -> str:
    return f"not {hash_}"


def test_a_person_admits_a_suspicious_request_of_a_line() -> None:
    early = a_request(asked_at=NOW.replace(year=2025))

    status = found(early, memory=decided(early, Decision.APPROVE)).statuses[0]

    assert status.action == Approve(DEVICE, early, "Ann (I know it)")


def test_what_a_person_decided_is_not_recorded_again_as_a_rules_decision() -> None:
    action = found(FOREIGN, memory=decided(FOREIGN, Decision.APPROVE)).statuses[0].action

    assert isinstance(action, Approve)
    assert action.evidence is None


def test_a_person_turns_away_a_request_of_a_line() -> None:
    status = found(FOREIGN, memory=decided(FOREIGN, Decision.REJECT)).statuses[0]

    assert status.action == Reject(DEVICE, FOREIGN, "Ann (I know it)")


def test_a_person_turns_away_an_unknown_device() -> None:
    assessment = found(NOBODY, memory=decided(NOBODY, Decision.REJECT))

    assert assessment.rejections == (Reject(None, NOBODY, "Ann (I know it)"),)
    assert assessment.holds == ()


def test_an_unknown_device_whom_a_person_turned_away_is_turned_away_by_a_run_for_a_part_too() -> (
    None
):
    memory = replace(decided(NOBODY, Decision.REJECT), known=NOBODY.identity.traits())

    assessment = assessed(wanted(DEVICE, is_whole_site=False), shown(NOBODY), memory)

    assert assessment.rejections == (Reject(None, NOBODY, "Ann (I know it)"),)


def test_no_person_admits_an_unknown_device() -> None:
    assessment = found(NOBODY, memory=decided(NOBODY, Decision.APPROVE))

    assert assessment.rejections == ()
    assert [hold.request for hold in assessment.holds] == [NOBODY]
    assert assessment.statuses[0].action is None


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.REJECT])
@pytest.mark.parametrize(
    ("request_", "kinds"),
    [
        (FOREIGN, [SuspicionKind.CHANGED]),
        (NOBODY, [SuspicionKind.CHANGED, SuspicionKind.UNKNOWN_DEVICE]),
    ],
    ids=["line", "unknown-device"],
)
def test_a_decision_on_what_has_changed_since_decides_nothing(
    request_: Request, kinds: list[SuspicionKind], decision: Decision
) -> None:
    assessment = found(request_, memory=decided(request_, decision, says=another))

    assert assessment.statuses[0].action is None
    assert assessment.rejections == ()
    (hold,) = assessment.holds
    assert hold.evidence is not None
    assert [each.kind for each in hold.evidence.suspicions] == kinds
    assert hold.reason.startswith("what it says of itself changed after it was reviewed")


def test_what_a_person_admitted_goes_before_what_a_rule_would() -> None:
    old, new = a_request("1", code="config-9"), a_request("2")
    memory = decided(old, Decision.APPROVE)

    assessment = found(old, new, memory=memory)

    assert assessment.statuses[0].action == Approve(DEVICE, old, "Ann (I know it)")
    assert assessment.holds == (
        Hold(new, ReasonCode.SECOND, "the device already asked as request 1", DEVICE),
    )
