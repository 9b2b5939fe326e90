"""Back-testing a policy: the ledger's decisions by people, one table, and one sentence."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prefect.artifacts import Artifact
from sqlmodel import Session, select

from fleet.admission.policy import HUMAN
from fleet.admission.review import Answer, Item, Review, Terms
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from flows.backtest_policy import backtest_policy
from ledger.admission.decided import Decided
from ledger.admission.how import How
from ledger.database.engine import connect
from ledger.database.tables import DecisionRow
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import HOUR, NOW
from tests.flows.site import without_wait_limit
from tests.reports.admission.test_backtest import CLONED, an_evidence

APPROVE, REJECT = Decision.APPROVE, Decision.REJECT
SCOPE = "LEM project a"
NO_VIRTUAL = """\
policy: exact-match
rules:
  - name: no VMs
    then: reject
    reason: plants have none
    when: {hardware: virtual, arrived: {from: "06:00", until: "18:00", zone: Europe/Berlin}}
"""


@pytest.fixture
def ledger(prefect_server, database_url, monkeypatch):
    """An empty ledger that the environment names."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", database_url)
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def decided(ledger):
    """Four decisions of Anna's at plant-7 and one at plant-8, and one that a rule made."""
    virtual = {"hardware": "virtual", "asked_at": NOW}
    for site, said in {
        "plant-7": [
            (APPROVE, an_evidence(1)),
            (APPROVE, an_evidence(2, suspicions=CLONED)),
            (REJECT, an_evidence(3)),
            (APPROVE, an_evidence(4, **virtual)),
        ],
        "plant-8": [(APPROVE, an_evidence(1, site="plant-8"))],
    }.items():
        record(ledger, site, *(Decided(e, d, "Anna", "I know it", How.PERSON) for d, e in said))
    record(ledger, "plant-7", Decided(an_evidence(9), APPROVE, "policy", "fits", How.RULE))
    return ledger


def record(engine: Any, site: str, *said: Decided) -> None:
    Ledger(engine).decisions.record(Claim(site, SCOPE), HUMAN, said, NOW)


def ended(policy: str = "exact-match", site: str = "") -> Any:
    return without_wait_limit(backtest_policy, policy, site)


def artifact(key: str) -> Any:
    return asyncio.run(Artifact.aget(key))


def table(key: str) -> list[dict[str, Any]]:
    return json.loads(artifact(key).data)


def rows(engine: Any) -> list[dict[str, Any]]:
    with Session(engine) as session:
        return [row.model_dump() for row in session.exec(select(DecisionRow))]


def test_a_pasted_policy_is_replayed_over_what_people_decided_at_a_site(decided):
    before = rows(decided)

    state = ended(NO_VIRTUAL, "plant-7")

    assert (state.name, state.message) == (
        "Completed",
        "Of 4 decisions by people at plant-7, the policy given would have approved 1 that they "
        "rejected, rejected 1 that they approved, held 1 for a person, and agreed with 1.",
    )
    assert [(row["difference"], row["device"]) for row in table("backtest-plant-7")] == [
        ("false approval", "edge-003"),
        ("false rejection", "edge-004"),
        ("held", "edge-002"),
        ("agreement", "edge-001"),
    ]
    assert rows(decided) == before


def test_without_a_site_the_decisions_of_all_sites_are_compared(decided):
    state = ended()

    assert state.message.startswith("Of 5 decisions by people, the policy exact-match would have")
    assert {row["site"] for row in table("backtest")} == {"plant-7", "plant-8"}


def test_the_artifact_says_which_policy_it_was_and_where_the_chain_ended(decided):
    state = ended(f"mode: shadow\n{NO_VIRTUAL}", "plant-7")

    description = artifact("backtest-plant-7").description
    assert description.startswith(f"{state.message}\n\nPolicy: given, version ")
    assert "It is in shadow mode, and was replayed as if it were enforced." in description
    assert description.endswith(f"Decisions in the ledger: {Ledger(decided).decisions.head()}.")


@pytest.mark.parametrize("policy", ["policy: human", " human\n", "policies/strict.yaml"])
def test_a_policy_may_be_pasted_in_one_line_or_named_or_be_a_file(
    decided, tmp_path, monkeypatch, policy
):
    (folder := tmp_path / "policies").mkdir()
    (folder / "strict.yaml").write_text("policy: human\n")
    monkeypatch.chdir(tmp_path)

    state = ended(policy, "plant-8")

    assert state.name == "Completed"
    assert "held 1 for a person" in state.message


def test_what_two_people_decided_in_a_review_counts_once(ledger):
    evidence = an_evidence()
    review = Review(
        "r1",
        "plant-7",
        "lem",
        (Item(evidence, ReasonCode.UNKNOWN, "held"),),
        Terms(NOW + HOUR, quorum=2),
        NOW,
    )
    Ledger(ledger).reviews.open_review(review, SCOPE, replace(HUMAN, quorum=2), None)
    for round_, name in enumerate(("Anna", "Bob"), 1):
        answer = Answer(name, "I know it", approve="edge-001")
        Ledger(ledger).reviews.note(review, round_, answer, NOW + timedelta(minutes=round_))

    state = ended("human")

    (row,) = table("backtest")
    assert state.message.startswith("Of 1 decision by people,")
    assert (row["by"], row["decided"]) == (
        "Anna (name not proved) and Bob (name not proved)",
        "2026-03-02 09:02:00Z",
    )


def test_without_any_decision_the_run_says_so(ledger):
    state = ended(site="plant-9")

    assert (state.name, artifact("backtest-plant-9")) == ("Completed", None)
    assert state.message == (
        "People have made no decisions at plant-9 yet to compare the policy exact-match with."
    )


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (NO_VIRTUAL.replace("then: reject", "then: refuse"), "- line 4: rules.0.then: "),
        (NO_VIRTUAL.replace("hardware", "hardwear"), "- line 6: rules.0.when.hardwear: "),
        ("policy: [\n}", "The policy given is not YAML: line 2: "),
        ("exactmatch", "Name exact-match, human or zero-touch, or save yours as YAML"),
        ("no/such/policy.yaml", "The file 'no/such/policy.yaml' is not read"),
        ("https://me:s3cret@plant/p.yaml", "or paste the YAML text."),
        (" ", "No policy was given."),
    ],
)
def test_a_policy_that_cannot_be_used_is_reported_with_its_lines(ledger, policy, message):
    state = ended(policy)

    assert state.is_failed()
    assert message in state.message
    assert "s3cret" not in state.message


def test_a_ledger_that_is_not_prepared_is_reported(prefect_server, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/empty.db")

    state = ended()

    assert state.is_failed()
    assert "Run: muster ledger prepare" in state.message
