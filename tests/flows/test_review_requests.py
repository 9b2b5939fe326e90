from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from fleet.nightly.story import Decided
from flows.onboard_site import onboard_site
from flows.retire_device import retire_device
from flows.review_requests import review_requests
from ledger.database.engine import connect
from ledger.database.tables import ReviewRow
from ledger.session import Ledger
from reports.device.events import described
from tests.attacks.approvers import STEP, Desk
from tests.flows.answering import Waiting, answered
from tests.flows.site import SITE, approvals, device, devices, roster, without_wait_limit
from tests.ledger.rewriting import rewrite

BO = {"name": "Bo Example", "reason": "serial number checked"}
WHO = {"name": "Ada Example", "reason": "seen on the shelf"}


@pytest.fixture
def ledger(database_url):
    engine = connect(database_url)
    yield engine
    engine.dispose()


def decided(ledger):
    with ledger.connect() as connection:
        rows = connection.execute(
            text("SELECT device, decision, decided_by, how FROM decision ORDER BY id")
        )
        return [tuple(row) for row in rows]


@pytest.fixture
def held(lem, ended):
    """A site of two, held for a person; an unknown device asks by its code."""
    lem.control("lem/boot", devices=[*devices(2), device(3, "unknown-device")])
    state = ended(onboard_site, SITE, roster(devices(2)), approval="human")
    assert "2 held for a person" in state.message, state.message
    assert approvals(lem) == {}
    return lem


def test_the_exact_matches_are_admitted_and_the_rest_stays_held(held, ledger):
    state = answered(review_requests, SITE, answers=[WHO | {"exact_matches": "approve them"}])

    assert state.name == "Completed"
    assert "Ada Example: approved edge-001, edge-002; left 1 held." in state.message
    assert sorted(approvals(held).values()) == [1, 1]
    assert decided(ledger) == [
        ("edge-001", "approve", "Ada Example", "person"),
        ("edge-002", "approve", "Ada Example", "person"),
    ]


def test_a_retired_device_is_not_put_before_people(lem, ended):
    ended(onboard_site, SITE, roster(devices(2)), approval="human", wait_minutes=0)
    without_wait_limit(retire_device, SITE, "edge-002", connection="lem", watch_minutes=0)
    lem.control("lem/boot", devices=devices(2))
    lem.control("clock", advance_seconds=60)

    waiting = Waiting(review_requests, SITE)
    message = waiting.message()
    waiting.answer(decision="approve", **WHO)
    waiting.end()

    assert "is this edge-001 of plant-7?" in message
    assert list(approvals(lem).values()) == [1]


def test_the_form_shows_what_is_held_and_the_terms(held):
    waiting = Waiting(review_requests, SITE, requested_by="Bo Example", names_needed=2)
    message = waiting.message()
    waiting.answer(**WHO)
    state = waiting.end()

    assert "3 requests held at plant-7: 2 exact matches, 1 unknown device." in message
    assert "it shows this site's code but is no device of its roster" in message
    assert "An approval needs 2 different people." in message
    assert "Requested by Bo Example" in message
    assert (state.name, state.message) == ("Held", "Ada Example: left 3 held.")


def test_an_unknown_device_is_turned_away_and_can_never_be_approved(held, ledger):
    unknown_device = next(
        r for r in held.control("lem/state")["requests"] if "edge-003" in r["pretty_name"]
    )
    number = f"#{unknown_device['entry_id']}"

    state = answered(
        review_requests,
        SITE,
        answers=[WHO | {"approve": number}, WHO | {"reject": number}],
    )

    states = {r["entry_id"]: r["state"] for r in held.control("lem/state")["requests"]}
    assert states[unknown_device["entry_id"]] == "rejected"
    assert approvals(held) == {}
    assert decided(ledger) == [(None, "reject", "Ada Example", "person")]
    assert f"rejected {number}" in state.message


def test_an_answer_that_cannot_be_used_is_reported_and_may_be_given_again(held, ledger):
    waiting = Waiting(review_requests, SITE)
    waiting.answer(**WHO | {"approve": "edge-009"})
    waiting.answer(**WHO | {"approve": "edge-001, edge-002", "reject": "edge-002"})
    waiting.answer(**WHO | {"approve": "edge-001", "reject": "edge-002"})
    state = waiting.end()

    assert "'edge\\-009' is not in this review" in waiting.message(2).replace("'edge-", "'edge\\-")
    assert "edge-002 is under both approve and reject" in waiting.message(3)
    assert "approved edge-001; rejected edge-002; left 1 held" in state.message
    assert [row[:2] for row in decided(ledger)] == [("edge-001", "approve"), ("edge-002", "reject")]
    assert "can ask again only after its request is deleted in LEM" in waiting.message()


def test_a_request_that_changed_since_it_was_shown_stays_held(held, ledger):
    first = next(r for r in held.control("lem/state")["requests"] if r["host_id"] == f"{1:012x}")
    waiting = Waiting(review_requests, SITE)
    held.control("lem/change", entryID=first["entry_id"], macs=["02:ff:ff:ff:ff:ff"])
    waiting.answer(**WHO | {"exact_matches": "approve them"})
    state = waiting.end()

    assert set(approvals(held)) == {str(r["entry_id"]) for r in others(held, first)}
    assert "1 in service, 1 held for a person" in state.message


def others(lem, one):
    requests = lem.control("lem/state")["requests"]
    edge = [r for r in requests if r["host_id"] == f"{2:012x}"]
    return [r for r in edge if r["entry_id"] != one["entry_id"]]


def test_two_people_are_needed_where_two_are_asked_for(held, ledger):
    first = WHO | {"approve": "edge-001"}
    second = {"name": "Bo Example", "reason": "serial number checked", "approve": "edge-001"}
    waiting = Waiting(review_requests, SITE, names_needed=2)
    waiting.answer(**first)
    waiting.answer(**first | {"name": " ada  EXAMPLE "})
    waiting.answer(**second)
    state = waiting.end()

    assert "- Ada Example (name not proved): approve edge-001" in waiting.message(2)
    assert "Somebody else must approve it too" in waiting.message(3)
    assert "Bo Example: approved edge-001" in state.message
    assert len(approvals(held)) == 1
    assert [row[2] for row in decided(ledger)] == ["Ada Example", "Bo Example"]


def test_two_people_who_answer_at_once_make_one_decision(held, ledger):
    one, other = Waiting(review_requests, SITE), Waiting(review_requests, SITE)
    one.answer(**WHO | {"approve": "edge-001"})
    other.answer(name="Bo Example", reason="no such device", reject="edge-001")
    states = [one.end(), other.end()]

    assert len(decided(ledger)) == 1
    by = decided(ledger)[0][2]
    assert any(f"before, by {by}" in state.message for state in states)
    assert sum(approvals(held).values()) == (1 if by == "Ada Example" else 0)


def test_an_answer_after_the_deadline_is_refused_and_the_run_ends_by_itself(held, ledger):
    waiting = Waiting(review_requests, SITE)
    past_deadline(ledger)
    waiting.answer(**WHO | {"exact_matches": "approve them"})
    state = waiting.end()

    assert (state.type.value, state.name) == ("COMPLETED", "Held")
    assert "after the deadline" in state.message
    assert (approvals(held), decided(ledger)) == ({}, [])


def past_deadline(ledger):
    rewrite(ledger, ReviewRow, {"deadline": datetime(2020, 1, 1, tzinfo=UTC)})


def test_an_answer_is_as_old_as_itself_whatever_else_is_written_for_its_run(held, ledger):
    waiting = Waiting(review_requests, SITE)
    waiting.write("another-answer-1-response", *(f"number-{n}" for n in range(200)))
    since = datetime.now(UTC)

    waiting.answer(**WHO | {"exact_matches": "approve them"})
    waiting.end()

    with Session(ledger) as session:
        (review,) = session.exec(select(ReviewRow)).all()
    (answer,) = Ledger(ledger).reviews.answers(review)
    assert since <= answer.at <= datetime.now(UTC)


def test_a_roster_that_is_run_again_weakens_no_approval_by_people_unless_that_is_said(
    held, ended, ledger
):
    again = ended(onboard_site, SITE, roster(devices(2)), wait_minutes=0)
    assert "2 held for a person" in again.message
    assert (approvals(held), decided(ledger)) == ({}, [])

    weakened = ended(onboard_site, SITE, roster(devices(2)), approval="by policy")

    orders = [(f"edge-00{n}", "by policy", f"run '{weakened_by(ledger)}'", "order") for n in (1, 2)]
    assert "where people had to approve before: edge-001, edge-002." in weakened.message
    assert sorted(approvals(held).values()) == [1, 1]
    assert [row for row in decided(ledger) if row[3] == "order"] == orders
    story = Ledger(ledger).stories.of_device(SITE, "edge-001", datetime.now(UTC))
    (order,) = (each for each in story.events if isinstance(each, Decided) and each.how == "order")
    assert described(order)[1].endswith("with approval by policy; before, people had to approve it")


def weakened_by(ledger):
    with ledger.connect() as connection:
        return connection.scalar(text("SELECT name FROM connection_run ORDER BY started_at DESC"))


def test_who_asks_is_proved_and_cannot_decide_where_the_policy_says_so(
    held, ledger, tmp_path, monkeypatch
):
    (tmp_path / "policies/sites").mkdir(parents=True)
    text_ = "policy: human\nrequester_may_approve: false"
    (tmp_path / "policies/sites/plant-7.yaml").write_text(text_)
    monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path / "policies"))
    desk = Desk(ledger, Ledger(ledger))
    desk.enroll("Ada Example")
    desk.enroll("Bo Example")

    def now(name):
        return desk.digits(name, datetime.now(UTC))

    nobody = without_wait_limit(review_requests, SITE, requested_by="Ada Example")
    wrong = without_wait_limit(
        review_requests, SITE, requested_by="Ada Example", requester_digits=now("Bo Example")
    )
    asked = {"requested_by": "ada example", "requester_digits": now("Ada Example")}
    waiting = Waiting(review_requests, SITE, **asked)
    unused = desk.digits("Ada Example", datetime.now(UTC) + STEP)
    waiting.answer(**WHO | {"exact_matches": "approve them", "digits": unused})
    waiting.answer(**BO | {"exact_matches": "approve them", "digits": now("Bo Example")})
    state = waiting.end()

    assert "a name alone proves nothing" in nobody.message
    assert "Requested by: These are not the digits" in wrong.message
    assert "Requested by Ada Example, who may not decide it." in waiting.message(1)
    assert "**Your answer was not accepted.**" in waiting.message(2)
    assert "Ada Example asked for this review, so somebody else must" in waiting.message(2)
    assert "Bo Example: approved edge-001, edge-002; left 1 held." in state.message
    assert sorted(approvals(held).values()) == [1, 1]


def test_where_nothing_is_held_nothing_is_asked(lem, ended):
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)))

    state = without_wait_limit(review_requests, SITE)

    assert state.message == "plant-7: no request is held, so there is nothing to decide."


def test_a_site_that_nobody_knows_is_reported(lem):
    state = without_wait_limit(review_requests, "plant-9")

    assert state.is_failed()
    assert state.message.startswith("The ledger knows no device of a site 'plant-9'")
