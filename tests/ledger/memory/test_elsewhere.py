"""What other sites say of those who ask here, and what people said before."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import event, insert
from sqlmodel import Session

from fleet.action.action import Adopt
from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import EXACT_MATCH
from fleet.admission.review import Answer, Item, Review, Terms
from fleet.device.identity import Identity
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.system.enroll import Enroll
from ledger.database.tables import DeviceRow, EnrollmentRow
from ledger.keys.record_keys import RecordKeys
from ledger.state.enrollments import CodeOfAnotherSite
from tests.fleet.builders import EXPIRY, HOUR, NOW, a_device, a_request, an_enrollment, mac
from tests.ledger.running import ONE, SCOPE, SITE, after, begun, stand

OTHER_SCOPE = "LEM project b"
THEIRS = a_device("edge-9", macs=[mac(9), mac(10)], host_id="Host-nine")


@pytest.fixture
def claim(ledger):
    """A run over our site, which knows edge-1 and one code."""
    claim = begun(ledger)
    stand(ledger, claim)
    ledger.enrollments.adopt(claim, Adopt((ONE,), an_enrollment("config-1")), NOW)
    return claim


def beside(ledger, *, site="plant-8", scope=SCOPE):
    """Another site, which knows edge-9 and has the code config-8."""
    other = begun(ledger, THEIRS, site=site, scope=scope)
    stand(ledger, other, device=THEIRS)
    ledger.enrollments.adopt(other, Adopt((THEIRS,), an_enrollment("config-8")), NOW)


def whose(ledger, claim, *seen):
    return ledger.memory.recall(claim, seen).elsewhere


def test_the_code_of_another_site_is_reported_when_a_device_of_ours_shows_it(ledger, claim):
    beside(ledger)

    assert whose(ledger, claim, a_request(code="config-8")) == {"config-8": "site plant-8"}


def test_who_shows_neither_our_codes_nor_our_fingerprints_concerns_us_not(ledger, claim):
    beside(ledger)

    assert whose(ledger, claim, a_request(code="config-8", macs=[mac(9)])) == {}
    assert whose(ledger, claim, a_request(code="config-7", macs=[])) == {}


@pytest.mark.parametrize(
    "shown",
    [{"macs": [mac(10)]}, {"macs": [mac(77), mac(9)]}, {"macs": [], "host_id": "host-nine"}],
)
def test_a_device_of_another_site_is_reported_by_any_identity_when_it_shows_a_code_of_ours(
    ledger, claim, shown
):
    beside(ledger)

    found = whose(ledger, claim, a_request(code="config-1", **shown))

    fingerprints = ["host id host-nine", f"MAC {mac(9)}", f"MAC {mac(10)}"]
    assert found == dict.fromkeys(fingerprints, "edge-9 of site plant-8")


def test_a_device_without_identity_is_nobodys(ledger, claim):
    beside(ledger)
    empty = a_device("edge-3", macs=[])
    other = begun(ledger, empty, site="plant-9")
    stand(ledger, other, device=empty)

    assert whose(ledger, claim, a_request(macs=[])) == {}


@pytest.mark.parametrize("where", [{"scope": OTHER_SCOPE}, {"site": SITE, "scope": OTHER_SCOPE}])
def test_of_another_scope_nothing_is_reported(ledger, claim, where):
    beside(ledger, **where)

    by_code = a_request("2", macs=[mac(9)], host_id="host-nine")
    assert whose(ledger, claim, a_request(code="config-8"), by_code) == {}


def test_our_own_codes_and_devices_are_nobody_elses(ledger, claim):
    two = a_device("edge-2", macs=[mac(2)])
    stand(ledger, claim, device=two)

    seen = [a_request("1"), a_request("2", macs=[mac(2)]), a_request("3", macs=[mac(3)])]
    assert whose(ledger, claim, *seen) == {}


def test_a_code_that_another_site_has_is_not_taken(ledger, claim):
    beside(ledger)

    with pytest.raises(CodeOfAnotherSite, match="plant-8"):
        ledger.enrollments.adopt(claim, Adopt((ONE,), an_enrollment("config-8")), NOW)

    assert whose(ledger, claim, a_request(code="config-8")) == {"config-8": "site plant-8"}


def test_nor_is_one_of_which_another_site_does_not_know_yet_whether_it_was_made(ledger, claim):
    other = begun(ledger, THEIRS, site="plant-8")
    expiry = ledger.enrollments.intend(other, Enroll((THEIRS,), 1, EXPIRY), NOW)
    made = replace(an_enrollment("config-8"), expires_at=expiry)

    assert ledger.enrollments.of_other_sites(claim, [made]) == {"config-8": "plant-8"}
    with pytest.raises(CodeOfAnotherSite, match="plant-8"):
        ledger.enrollments.adopt(claim, Adopt((ONE,), made), NOW)


def shared(engine, ledger, claim, first, then):
    """What a request shows by a code that two sites had, as an earlier release let them."""
    facts = {"scope": SCOPE, "wanted_expiry": EXPIRY, "capacity": 9, "made_at": NOW}
    with engine.begin() as connection:
        for site, adopted in (first, then):
            row = facts | {"site": site, "adopted": adopted, "enrollment_id": "config-8"}
            connection.execute(insert(EnrollmentRow), row)
    return whose(ledger, claim, a_request(code="config-8"))


@pytest.mark.parametrize(
    ("first", "then", "is_theirs"),
    [
        (("plant-8", True), (SITE, True), True),
        (("plant-8", False), (SITE, True), True),
        ((SITE, True), ("plant-8", False), True),
        ((SITE, True), ("plant-8", True), False),
        ((SITE, False), ("plant-8", True), False),
        (("plant-8", True), (SITE, False), False),
    ],
)
def test_a_code_that_two_sites_have_is_of_the_one_that_had_it_made_or_first(
    engine, ledger, claim, first, then, is_theirs
):
    found = shared(engine, ledger, claim, first, then)

    assert found == ({"config-8": "site plant-8"} if is_theirs else {})


def test_a_device_of_two_other_sites_is_said_to_be_of_both(ledger, claim):
    for site in ("plant-8", "plant-9"):
        other = begun(ledger, THEIRS, site=site)
        stand(ledger, other, device=THEIRS)
        ledger.claims.close_claim(other, NOW)

    found = whose(ledger, claim, a_request(code="config-1", macs=[mac(9)]))

    assert found[f"MAC {mac(9)}"] == "edge-9 of site plant-8 and edge-9 of site plant-9"


def test_a_code_that_nobody_got_yet_is_no_code(engine, ledger, claim):
    other = begun(ledger, THEIRS, site="plant-8")
    row = {"site": other.site, "scope": SCOPE, "wanted_expiry": EXPIRY, "capacity": 1}
    with engine.begin() as connection:
        connection.execute(insert(EnrollmentRow), row | {"made_at": NOW})

    assert whose(ledger, claim, a_request(code="")) == {}


def numbered(number):
    return f"06:00:00:00:{number // 256:02x}:{number % 256:02x}"


def a_large_site(engine, count):
    """Another site, with so many devices and codes."""
    facts = {"scope": SCOPE, "site": "plant-8", "state": "waiting", "reason": "", "changed_at": NOW}
    devices = [
        facts | {"name": f"far-{n}", "host_id": f"Host-{n}", "macs": numbered(n)}
        for n in range(count)
    ]
    made = {"site": "plant-8", "scope": SCOPE, "wanted_expiry": EXPIRY, "capacity": 1}
    made |= {"made_at": NOW}
    with Session(engine) as session, session.begin():
        keys = RecordKeys.load()
        session.execute(insert(DeviceRow), [keys.keyed(DeviceRow, each) for each in devices])
        session.execute(
            insert(EnrollmentRow), [made | {"enrollment_id": f"far-{n}"} for n in range(count)]
        )


@pytest.mark.heavy
def test_many_who_ask_are_found_with_few_questions(engine, ledger, claim):
    a_large_site(engine, 2000)
    foreign = [
        a_request(str(n), macs=[numbered(n), numbered(5000 + n)], host_id=f"host-{n}")
        for n in range(2000)
    ]
    astray = [a_request(str(n), code=f"far-{n}") for n in range(2000)]

    asked, steps = Counter[str](), Counter[str]()

    def count(connection, _cursor, statement, *_rest):
        asked[statement] += 1
        if engine.dialect.name == "sqlite":  # which says how much work an answer is
            connection.connection.driver_connection.set_progress_handler(
                lambda: steps.update([statement]), 1000
            )

    event.listen(engine, "before_cursor_execute", count)
    found = whose(ledger, claim, *foreign, *astray)

    assert found["host id host-0"] == found[f"MAC {numbered(0)}"] == "far-0 of site plant-8"
    assert found["far-0"] == "site plant-8"
    assert asked.total() <= 28
    assert steps.total() < 2500  # thousands; each with each would be 4 million at least


def test_a_machine_with_very_many_macs_does_not_break_the_question(engine, ledger, claim):
    a_large_site(engine, 10)
    crowded = a_request(macs=[numbered(n) for n in range(5000)])

    assert whose(ledger, claim, crowded)[f"MAC {numbered(9)}"] == "far-9 of site plant-8"


def reviewed(ledger, *, id="review-1", site=SITE, scope=SCOPE, hostname="", said=True):  # noqa: A002
    """A request that was put before people; if something was `said`, approved by Anna."""
    request = a_request()
    evidence = Evidence(
        site=site,
        request_key=request.key,
        request_id=request.id,
        device="edge-1",
        code=Code.OWN,
        code_of="",
        expected=Identity(None, frozenset([mac(1)])),
        observed=request.identity,
        hostname=hostname,
    )
    item = Item(evidence, ReasonCode.UNKNOWN, "a person decides here")
    review = Review(id, site, "lem-north", (item,), Terms(NOW + HOUR), NOW)
    ledger.reviews.open_review(review, scope, EXACT_MATCH, None)
    if said:
        answer = Answer("Anna", "as ordered", exact=Decision.APPROVE)
        ledger.reviews.note(review, 1, answer, after(5))
    return evidence


def test_what_people_decided_and_saw_is_remembered(ledger, claim):
    seen = reviewed(ledger)

    memory = ledger.memory.recall(claim, [a_request("1")])

    decision = memory.decisions[seen.request_key, seen.fingerprint]
    assert memory.decisions.keys() == {(seen.request_key, seen.fingerprint)}
    assert (decision.decision, decision.by) == (Decision.APPROVE, "Anna")
    assert decision.reason == "approved by Anna, name not proved (as ordered)"
    assert memory.reviewed == {seen.request_key: {seen.said}}


def test_a_request_is_remembered_in_every_form_that_people_saw(ledger, claim):
    first = reviewed(ledger)
    second = reviewed(ledger, id="review-2", hostname="renamed", said=False)

    memory = ledger.memory.recall(claim, [a_request("1")])

    assert memory.reviewed == {"1/config-1": {first.said, second.said}}
    assert memory.decisions.keys() == {("1/config-1", first.fingerprint)}


@pytest.mark.parametrize("where", [{"site": "plant-8"}, {"scope": OTHER_SCOPE}])
def test_what_people_said_of_another_site_or_scope_is_not_remembered_of_ours(ledger, claim, where):
    reviewed(ledger, **where)

    memory = ledger.memory.recall(claim, [a_request("1")])

    assert (memory.decisions, memory.reviewed) == ({}, {})
