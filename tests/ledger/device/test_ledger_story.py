"""A device's story in the ledger: all of it, in order, of that device alone, and nothing secret."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from fleet.action.action import Hold
from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import Policy
from fleet.device.handover import Taking
from fleet.device.identity import Identity
from fleet.device.secret import SecretKind
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.story import (
    Decided,
    Enrolled,
    Event,
    Found,
    Held,
    Reached,
    Received,
    Reviewed,
    Tried,
)
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.system.enroll import Enroll
from ledger.admission.decided import Decided as ToRecord
from ledger.admission.how import How
from ledger.database.tables import DecisionRow, SecretRow
from ledger.device.handovers import Handover
from ledger.device.secrets import Secrets
from ledger.device.story import UNREADABLE
from ledger.session import Ledger
from ledger.state.claims import Claim
from ledger.state.journal import Outcome, Result
from tests.fleet.builders import EXPIRY, NOW, a_request, mac
from tests.fleet.held import a_held, a_secret
from tests.ledger.admission.test_reviews import an_item, opened
from tests.ledger.relaxed import none_relaxed
from tests.ledger.running import ONE, SCOPE, SITE, TWO, after, approve, begun, rows, stand
from tests.ledger.sealed import SEALER

POLICY = Policy(name="exact-match", version="0815")
CANARY = "canary-7d1e"


def events(ledger: Ledger, device: str = "edge-1", site: str = SITE) -> list[Event]:
    return list(ledger.stories.of_device(site, device, after(99)).events)


def of(ledger: Ledger, kind: type[Event], device: str = "edge-1") -> list[Event]:
    return [each for each in events(ledger, device) if isinstance(each, kind)]


def tried(ledger: Ledger, claim: Claim, number: int = 1, result: Result | None = None) -> None:
    (intent,) = ledger.journal.intend(claim, [approve(number)], after(1))
    if result:
        ledger.journal.resolve({intent: result}, after(2))


def held(ledger: Ledger, claim: Claim, device=ONE, number: int = 1, **more) -> None:
    request = a_request(str(number), macs=[mac(number)], **more)
    ledger.holds.hold(claim, [Hold(request, ReasonCode.UNKNOWN, "it is odd", device)], after(3))


def a_decision(device: str | None = "edge-1", number: int = 1, **more) -> ToRecord:
    facts = {
        "site": SITE,
        "request_key": a_request(str(number)).key,
        "request_id": str(number),
        "device": device,
        "code": Code.OWN,
        "code_of": "",
        "expected": Identity(None, frozenset([mac(1)])),
        "observed": Identity(None, frozenset([mac(1)])),
    }
    evidence = Evidence(**(facts | more))
    return ToRecord(evidence, Decision.APPROVE, "Ada", "seen", How.PERSON)


def test_a_device_that_was_never_onboarded_has_no_home(ledger):
    nobody = ledger.stories.of_device(SITE, "edge-1", NOW)

    assert (nobody.homes, nobody.events, ledger.devices.names()) == ((), (), {})


def test_its_home_is_its_line_of_the_roster_with_how_it_stood_last(ledger):
    claim = begun(ledger)
    stand(ledger, claim, state=State.HELD, reason="it is odd", now=after(5))
    names = {(SCOPE, "lem-north"): ["edge-1"]}
    ledger.devices.list_as_ordered(SITE, names, is_whole_site=True, relaxing=none_relaxed)

    (home,) = ledger.stories.of_device(SITE, "edge-1", NOW).homes

    assert (home.record.device, home.record.state, home.reason) == (ONE, State.HELD, "it is odd")
    assert (home.record.connection, home.record.is_listed) == ("lem-north", True)
    assert home.record.changed_at == after(5)
    assert ledger.devices.names() == {SITE: ["edge-1"]}


def test_its_events_are_reported_in_order_of_time(ledger):
    claim = begun(ledger, ONE, TWO)
    fingerprint = ledger.enrollments.intend(claim, Enroll((ONE, TWO), 2, EXPIRY), NOW)
    ledger.enrollments.resolve(claim, fingerprint, "config-1")
    stand(ledger, claim, request=a_request("1", asked_at=after(0.5)))
    tried(ledger, claim, result=Result(Outcome.REFUSED, "POST /x: 403"))

    enrolled, reached, action = events(ledger)

    assert enrolled == Enrolled(NOW, SCOPE, 2)
    assert reached == Reached(after(0.5), SCOPE, "it asked to be admitted")
    assert action == Tried(
        after(1), SCOPE, "run 1", ActionKind.APPROVE, "it shows its MAC", "refused", "POST /x: 403"
    )


def test_what_nobody_was_reported_the_outcome_of_is_reported_as_such(ledger):
    claim = begun(ledger)
    ledger.enrollments.intend(claim, Enroll((ONE,), 1, EXPIRY), NOW)
    tried(ledger, claim)

    assert [each.is_known for each in of(ledger, Enrolled)] == [False]
    assert [each.outcome for each in of(ledger, Tried)] == [None]


def test_a_request_that_was_nobody_s_at_first_is_its_own_once_it_was_tried(ledger):
    claim = begun(ledger)
    held(ledger, claim, device=None, hostname="box")
    assert of(ledger, Held) == []

    tried(ledger, claim)

    assert [(each.request, each.is_own) for each in of(ledger, Held)] == [("1", True)]


def test_an_unknown_device_that_calls_itself_by_its_name_is_reported_and_is_not_its_own(ledger):
    claim = begun(ledger, ONE, TWO)
    stand(ledger, claim)
    held(ledger, claim, device=None, number=9, hostname="EDGE-1")
    held(ledger, claim, device=TWO, number=8, hostname="edge-1")

    (namesake,) = of(ledger, Held)

    assert (namesake.request, namesake.is_own, namesake.hostname) == ("9", False, "EDGE-1")


def test_a_request_of_the_same_number_in_another_system_is_not_its_own(ledger):
    tried(ledger, begun(ledger))
    elsewhere = begun(ledger, TWO, scope="LEM project b", name="run 2")
    held(ledger, elsewhere, device=None)
    policy_scope = Claim(SITE, "LEM project b")
    ledger.decisions.record(policy_scope, POLICY, [a_decision(None)], NOW)

    assert of(ledger, Held) == of(ledger, Decided) == []


def test_decisions_are_reported_with_their_number_and_what_did_not_fit(ledger):
    claim = begun(ledger)
    other = Identity(None, frozenset([mac(2)]))
    ledger.decisions.record(claim, POLICY, [a_decision(), a_decision("edge-2", 2)], NOW)
    ledger.decisions.record(claim, POLICY, [a_decision(number=3, observed=other)], after(1))

    first, second = of(ledger, Decided)

    assert (first.number, first.by, first.how, first.differs) == (1, "Ada", "person", ())
    assert second.number == 3
    assert second.differs == (f"its MACs are {mac(2)}, and the roster says {mac(1)}",)


def test_evidence_that_somebody_made_unreadable_breaks_no_story(engine, ledger):
    ledger.decisions.record(begun(ledger), POLICY, [a_decision()], NOW)
    (row,) = rows(engine, DecisionRow)
    broken = row.model_copy(update={"id": 2, "evidence": "[", "previous_hash": "a", "hash": "b"})
    with Session(engine) as session, session.begin():
        session.add(DecisionRow(**broken.model_dump()))

    assert [each.differs for each in of(ledger, Decided)] == [(), (UNREADABLE,)]


def test_reviews_of_its_requests_are_reported_with_their_end(engine, ledger):
    held(ledger, begun(ledger))
    opened(ledger, an_item(1), an_item(2))
    opened(ledger, an_item(1), id="review-2", scope="LEM project b", run="run-2")

    (review,) = of(ledger, Reviewed)

    assert (review.request, review.place, review.closed_at) == ("1", SCOPE, None)
    assert review.deadline == NOW + timedelta(hours=1)


def test_findings_are_reported_where_its_connection_leads(ledger):
    stand(ledger, begun(ledger))
    names = {(SCOPE, "lem-north"): ["edge-1"]}
    ledger.devices.list_as_ordered(SITE, names, is_whole_site=True, relaxing=none_relaxed)
    failed = Finding(FindingKind.FAILED, SITE, "lem-north", "edge-1", "no licence", NOW, "edge-1")
    foreign = Finding(FindingKind.HELD, SITE, "lem-north", "#9", "an unknown device", NOW)
    ledger.findings.save([failed, foreign], lambda _key: True, NOW)
    ledger.findings.acted([failed], after(1))

    (found,) = of(ledger, Found)

    assert found == Found(NOW, SCOPE, "failed", "no licence", NOW, 1, after(1))


def test_a_secret_is_reported_as_held_and_taken_and_never_what_it_is(engine, ledger):
    claim = begun(ledger, ONE, TWO)
    mine = a_secret(SecretKind.API_KEY, CANARY, expires_at=EXPIRY)
    others = a_secret(SecretKind.API_KEY, CANARY, device="edge-2")
    Secrets(engine, SEALER).keep(claim, [mine, others], NOW)
    taken = Handover(SITE, "Ada", "age1x", after(5), "plant-7.yaml.age", "0" * 64)
    ledger.handovers.record(taken, [a_held(id=rows(engine, SecretRow)[0].id)])

    whole = ledger.stories.of_device(SITE, "edge-1", after(9))

    assert whole.secrets(SCOPE) == [
        Received(NOW, SCOPE, "API key", EXPIRY, (Taking("Ada", after(5)),))
    ]
    assert CANARY not in repr(whole)
    assert not any(row.sealed in repr(whole) for row in rows(engine, SecretRow))


def test_a_run_is_at_work_on_it_for_as_long_as_its_lease_lives(ledger):
    begun(ledger)

    at_work = [
        ledger.stories.of_device(SITE, "edge-1", now).at_work for now in (after(1), after(99))
    ]

    assert [[each.run for each in runs] for runs in at_work] == [["run 1"], []]


@pytest.mark.parametrize("name", ["EDGE-1", "edge-_", "edge-%", "edge-1' OR 1=1 --", '"'])
def test_no_other_name_says_its_story(ledger, name):
    claim = begun(ledger)
    stand(ledger, claim, request=a_request("1", asked_at=NOW))
    tried(ledger, claim)
    ledger.decisions.record(claim, POLICY, [a_decision()], NOW)

    assert events(ledger, name) == []
    assert events(ledger, site="plant-8") == []


def test_to_read_a_story_changes_nothing(engine, ledger, url):
    stand(ledger, begun(ledger), request=a_request("1", asked_at=NOW))
    with engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT * FROM device").all()

    ledger.stories.of_device(SITE, "edge-1", after(1))

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM device").all() == before
