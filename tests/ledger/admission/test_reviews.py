"""Reviews: a question outlives every restart, and each answer to it counts once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import Policy
from fleet.admission.review import Answer, Item, Review, Terms, decisions
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.identity import Identity
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from ledger.admission.reviews import Due, Noted
from ledger.database.engine import connect
from ledger.database.tables import DecisionRow, ReviewRow
from ledger.session import Ledger
from tests.fleet.builders import HOUR, NOW, a_request, mac
from tests.ledger.running import SCOPE, SITE, after, rows

POLICY = Policy(name="plant", version="0815")
DEADLINE = NOW + HOUR


def an_item(number=1, **more) -> Item:
    request = a_request(str(number), macs=[mac(number)])
    facts = {
        "site": SITE,
        "request_key": request.key,
        "request_id": request.id,
        "device": f"edge-{number}",
        "code": Code.OWN,
        "code_of": "",
        "expected": Identity(None, frozenset([mac(number)])),
        "observed": request.identity,
    }
    return Item(Evidence(**(facts | more)), ReasonCode.UNKNOWN, "a person decides here")


def opened(ledger, *items, id="review-1", scope=SCOPE, run="run-1", site=SITE, **terms):  # noqa: A002
    """A review of `items` (of one, if none are named) that stands in the ledger."""
    agreed = Terms(**({"deadline": DEADLINE} | terms))
    review = Review(id, site, "lem-north", items or (an_item(),), agreed, NOW)
    ledger.reviews.open_review(review, scope, POLICY, run)
    return review


def answer(name="Anna", **more):
    chosen = {} if more.keys() & {"approve", "reject"} else {"exact": Decision.APPROVE}
    return Answer(**({"name": name, "reason": "as ordered"} | chosen | more))


def of_both(url, action, *each):
    """What `action` gives for each of two who do it at once, each as in a process of their own."""
    together = Barrier(2)

    def done(one):
        own = connect(url)
        together.wait()
        try:
            return action(own, one)
        finally:
            own.dispose()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(done, each))


def decided(ledger):
    return [(row.by, row.decision, row.device) for row in ledger.decisions.by_people(SITE)]


def test_a_review_is_found_again_by_its_run_with_its_items_and_terms(engine, ledger):
    identity = Identity("host-2", frozenset([mac(2), mac(22)]))
    suspicions = (
        Suspicion(SuspicionKind.CLONE, "request 9 shows the same MAC, but is another machine"),
        Suspicion(SuspicionKind.EARLY, "it asked before it was enrolled"),
    )
    foreign = an_item(
        2,
        device=None,
        code=Code.OTHER,
        code_of=", but to site plant-8",
        expected=Identity(),
        observed=identity,
        hostname="gerät-2",
        hardware="x86",
        version="1.2.3",
        asked_at=NOW - timedelta(microseconds=1),
        machines=3,
        listed=2,
        arrivals={"minute": 1, "10 minutes": 2, "hour": 3},
        suspicions=suspicions,
    )
    whole = {"quorum": 2, "requested_by": "Bob", "requester_may_approve": False}

    review = opened(ledger, an_item(1), foreign, **whole)

    found = ledger.reviews.find_review("run-1")
    assert found == review
    assert found.digest == review.digest == rows(engine, ReviewRow)[0].set_hash
    assert [item.key for item in found.items] == [item.key for item in review.items]
    assert found.terms == Terms(DEADLINE, 2, "Bob", requester_may_approve=False)


def test_many_items_keep_their_order(ledger):
    review = opened(ledger, *(an_item(number) for number in range(60, 0, -1)))

    assert ledger.reviews.find_review("run-1").items == review.items


def test_a_run_that_asked_nobody_has_no_review(ledger):
    opened(ledger)

    assert ledger.reviews.find_review("run-2") is None
    assert ledger.reviews.find_review("") is None


def test_reviews_without_a_run_stand_beside_each_other(ledger):
    opened(ledger, id="review-1", run=None)
    opened(ledger, id="review-2", run=None)

    assert [each.id for each in ledger.reviews.due(after(9999))] == ["review-1", "review-2"]


def test_a_run_asks_once(ledger):
    opened(ledger)

    with pytest.raises(IntegrityError):
        opened(ledger, id="review-2")


def test_what_a_person_decides_is_recorded_with_its_evidence_and_policy(engine, ledger):
    review = opened(ledger, an_item(1), an_item(2), quorum=1)

    noted = ledger.reviews.note(review, 1, answer(approve="edge-1", reject="#2"), after(5))

    message = "Anna: approved edge-1; rejected edge-2."
    assert noted == Noted(accepted=True, message=message, is_final=True)
    assert decided(ledger) == [("Anna", "approve", "edge-1"), ("Anna", "reject", "edge-2")]
    row = rows(engine, DecisionRow)[0]
    assert (row.how, row.reason, row.decided_at) == ("person", "as ordered", after(5))
    assert (row.fingerprint, row.review_id) == (review.items[0].evidence.fingerprint, "review-1")
    assert (row.policy, row.policy_version, row.scope) == ("plant", "0815", SCOPE)
    assert ledger.decisions.verify() is None


def test_requests_that_say_when_they_asked_can_be_decided(ledger):
    asked = {"asked_at": NOW, "arrivals": {"minute": 1, "10 minutes": 2, "hour": 3}}
    review = opened(ledger, an_item(1, **asked), an_item(2, **asked), an_item(3, **asked))

    noted = ledger.reviews.note(
        review, 1, answer(exact=Decision.APPROVE, reject="edge-3"), after(5)
    )

    assert noted.message == "Anna: approved edge-1, edge-2; rejected edge-3."


def test_an_answer_is_taken_once(ledger):
    review = opened(ledger)
    first = ledger.reviews.note(review, 1, answer(), after(5))

    again = ledger.reviews.note(review, 1, answer(), after(9))

    assert again == first
    assert decided(ledger) == [("Anna", "approve", "edge-1")]
    assert [each.at for each in ledger.reviews.answers(review)] == [after(5)]


@pytest.mark.parametrize("name", ["Anna", ""])
def test_a_round_is_over_whatever_is_said_in_it_later(ledger, name):
    review = opened(ledger, quorum=2)
    first = ledger.reviews.note(review, 1, answer(name), after(5))

    again = ledger.reviews.note(review, 1, answer("Bob", reject="edge-1"), after(9))

    assert again == first
    assert "Bob" not in str(decided(ledger))


def test_of_the_same_answer_taken_twice_at_once_one_counts(url, ledger):
    review = opened(ledger)

    noted = of_both(
        url, lambda own, _: Ledger(own).reviews.note(review, 1, answer(), after(5)), 1, 2
    )

    assert noted[0] == noted[1]
    assert decided(ledger) == [("Anna", "approve", "edge-1")]


@pytest.mark.parametrize("second", [{}, {"reject": "edge-1"}], ids=["agreeing", "contradicting"])
def test_of_two_reviews_of_a_request_one_decides_and_the_other_is_reported_who_did(
    url, ledger, second
):
    said = {"Anna": answer("Anna"), "Bob": answer("Bob", **second)}
    asked = {name: opened(ledger, id=name, run=f"run of {name}") for name in said}

    def take(own, name):
        return name, Ledger(own).reviews.note(asked[name], 1, said[name], after(5))

    noted = dict(of_both(url, take, "Anna", "Bob"))

    ((winner, decision, _),) = decided(ledger)
    (loser,) = {"Anna", "Bob"} - {winner}
    word = {"approve": "approved", "reject": "rejected"}[decision]
    assert noted[winner].message == f"{winner}: {word} edge-1."
    assert noted[loser].message == f"{loser}: edge-1 was {word} before, by {winner}."
    assert all(each.accepted and each.is_final for each in noted.values())
    assert ledger.decisions.verify() is None


def test_of_two_who_answer_one_review_at_once_the_second_is_reported_that_it_is_over(url, ledger):
    review = opened(ledger)

    def take(own, said):
        round_, name = said
        return Ledger(own).reviews.note(review, round_, answer(name), after(5))

    noted = of_both(url, take, (1, "Anna"), (2, "Bob"))

    ((winner, *_),) = decided(ledger)
    (message,) = [each.message for each in noted if not each.accepted]
    assert message == f"This review is over: {winner}: approved edge-1."


def test_with_a_quorum_the_last_needed_name_decides(ledger):
    review = opened(ledger, quorum=2)

    first = ledger.reviews.note(review, 1, answer("Anna"), after(5))
    before = decisions(ledger.reviews.votes(review))
    second = ledger.reviews.note(review, 2, answer("Bob"), after(6))

    message = "Anna: approved edge-1 (2 people must approve)."
    assert first == Noted(accepted=True, message=message, is_final=False)
    assert second == Noted(accepted=True, message="Bob: approved edge-1.", is_final=True)
    assert before == {}
    decision = decisions(ledger.reviews.votes(review))[review.items[0].key]
    assert (decision.decision, decision.by) == (Decision.APPROVE, "Anna and Bob")


@pytest.mark.parametrize("name", ["Anna", " anna "])
def test_nobody_makes_a_quorum_alone(ledger, name):
    review = opened(ledger, quorum=2)
    ledger.reviews.note(review, 1, answer("Anna"), after(5))

    again = ledger.reviews.note(review, 2, answer(name), after(6))

    assert (again.accepted, again.is_final) == (False, False)
    assert again.message.endswith("Somebody else must approve it too.")
    assert decided(ledger) == [("Anna", "approve", "edge-1")]


def test_two_who_complete_a_quorum_of_two_at_once_both_count(url, ledger):
    asked = {name: opened(ledger, id=name, run=name, quorum=2) for name in ("Anna", "Bob")}

    noted = of_both(
        url,
        lambda own, name: Ledger(own).reviews.note(asked[name], 1, answer(name), after(5)),
        "Anna",
        "Bob",
    )

    assert sorted(each.is_final for each in noted) == [False, True]
    assert {name for name, *_ in decided(ledger)} == {"Anna", "Bob"}
    assert decisions(ledger.reviews.votes(asked["Anna"])).keys() == {an_item().key}


def test_one_rejection_is_enough(ledger):
    review = opened(ledger, quorum=3)
    ledger.reviews.note(review, 1, answer("Anna"), after(5))

    noted = ledger.reviews.note(review, 2, answer("Bob", reject="edge-1"), after(6))

    assert noted == Noted(accepted=True, message="Bob: rejected edge-1.", is_final=True)


def test_whoever_asked_may_not_decide_where_that_is_agreed(ledger):
    review = opened(ledger, requested_by="Anna", requester_may_approve=False)

    own = ledger.reviews.note(review, 1, answer("ANNA"), after(5))
    other = ledger.reviews.note(review, 2, answer("Bob"), after(6))

    assert (own.accepted, own.is_final) == (False, False)
    assert "somebody else must decide it" in own.message
    assert other.is_final
    assert decided(ledger) == [("Bob", "approve", "edge-1")]


@pytest.mark.parametrize(("seconds", "is_taken"), [(3600, True), (3601, False)])
def test_an_answer_after_the_deadline_decides_nothing_and_ends_the_review(
    engine, ledger, seconds, is_taken
):
    review = opened(ledger)

    noted = ledger.reviews.note(review, 1, answer(), after(seconds))

    assert (noted.accepted, noted.is_final) == (is_taken, True)
    assert bool(decided(ledger)) is is_taken
    assert ledger.reviews.due(after(9999)) == []
    if not is_taken:
        assert noted.message.startswith(
            "Anna answered at 2026-03-02 10:00:01 UTC, after the deadline"
        )
        assert rows(engine, ReviewRow)[0].closed_as == noted.message


def test_a_late_answer_is_late_again_when_its_run_begins_anew(ledger):
    review = opened(ledger)
    late = ledger.reviews.note(review, 1, answer(), after(3601))

    assert ledger.reviews.note(review, 1, answer(), after(5)) == late
    assert ledger.decisions.head().count == 0


def test_a_closed_review_takes_no_answer(engine, ledger):
    review = opened(ledger)
    is_first = ledger.reviews.close(review.id, after(9), "Nobody answered in time.")

    noted = ledger.reviews.note(review, 1, answer(), after(10))

    message = "This review is over: Nobody answered in time."
    assert is_first
    assert noted == Noted(accepted=False, message=message, is_final=True)
    assert decided(ledger) == []
    assert rows(engine, ReviewRow)[0].closed_as == "Nobody answered in time."


def test_a_review_ends_once(engine, ledger):
    review = opened(ledger)
    ledger.reviews.note(review, 1, answer(), after(5))

    is_first = ledger.reviews.close(review.id, after(9), "Nobody answered in time.")

    assert not is_first
    (row,) = rows(engine, ReviewRow)
    assert (row.closed_at, row.closed_as) == (after(5), "Anna: approved edge-1.")


def test_an_answer_and_an_end_at_once_are_one_or_the_other(url, ledger):
    review = opened(ledger)

    def action(own, says):
        if says:
            return Ledger(own).reviews.note(review, 1, answer(), after(5)).accepted
        return Ledger(own).reviews.close(review.id, after(5), "Nobody answered in time.")

    is_answered, is_closed = of_both(url, action, True, False)

    assert is_answered is not is_closed
    assert bool(decided(ledger)) is is_answered


def test_open_reviews_are_due_by_their_deadlines_the_nearest_first(ledger):
    opened(ledger, an_item(1), an_item(2), id="later", run="run-2", deadline=after(60))
    opened(ledger, id="sooner", run="run-1", deadline=after(30))
    opened(ledger, id="far", run="run-3", deadline=after(90))
    closed = opened(ledger, id="closed", run="run-4", deadline=after(10))
    ledger.reviews.close(closed.id, after(1), "It is over.")

    assert ledger.reviews.due(after(61)) == [
        Due("sooner", SITE, "run-1", after(30), 1),
        Due("later", SITE, "run-2", after(60), 2),
    ]
    assert ledger.reviews.due(after(30)) == []


def test_of_a_deadline_people_are_reported_once(url, engine, ledger):
    opened(ledger)
    (near,) = ledger.reviews.due(after(9999))

    at_once = of_both(url, lambda own, at: Ledger(own).reviews.warn(near, after(at)), 1, 2)

    assert sorted(at_once) == [False, True]
    assert ledger.reviews.warn(near, after(9)) is False
    assert rows(engine, ReviewRow)[0].warned_at in {after(1), after(2)}


@pytest.mark.parametrize(
    ("unusable", "message"),
    [
        (answer(""), "Write your name"),
        (answer(reason=" "), "Write a reason"),
        (answer(approve="edge-9"), "'edge-9' is not in this review"),
        (answer(approve="edge-1", reject="edge-1"), "under both approve and reject"),
    ],
    ids=["name", "reason", "device", "both"],
)
def test_an_unusable_answer_changes_nothing_and_may_be_given_anew(
    engine, ledger, unusable, message
):
    review = opened(ledger)

    refused = ledger.reviews.note(review, 1, unusable, after(5))
    still_due = ledger.reviews.due(after(9999))
    taken = ledger.reviews.note(review, 2, answer(), after(6))

    assert (refused.accepted, refused.is_final) == (False, False)
    assert message in refused.message
    assert len(still_due) == 1
    assert (taken.accepted, taken.is_final) == (True, True)
    assert decided(ledger) == [("Anna", "approve", "edge-1")]
    assert [(it.round, it.accepted) for it in ledger.reviews.answers(review)] == [
        (1, False),
        (2, True),
    ]


def test_an_answer_may_leave_everything_held(ledger):
    review = opened(ledger)

    noted = ledger.reviews.note(review, 1, answer(exact=Decision.HOLD), after(5))

    assert noted == Noted(accepted=True, message="Anna: left 1 held.", is_final=True)
    assert decided(ledger) == []


@pytest.mark.parametrize("other", [{"site": "plant-8"}, {"scope": "LEM project b"}])
def test_what_was_said_of_another_site_or_scope_decides_nothing_here(ledger, other):
    ledger.reviews.note(
        opened(ledger, id="other", run="run-2", **other), 1, answer("Bob"), after(5)
    )
    review = opened(ledger)

    noted = ledger.reviews.note(review, 1, answer("Anna"), after(6))

    assert noted.message == "Anna: approved edge-1."
    assert [vote.by for vote in ledger.reviews.votes(review)] == ["Anna"]


def test_a_request_that_changed_since_is_another(ledger):
    ledger.reviews.note(opened(ledger), 1, answer("Bob"), after(5))
    changed = opened(ledger, an_item(1, hostname="renamed"), id="review-2", run="run-2")

    assert ledger.reviews.votes(changed) == []
    assert (
        ledger.reviews.note(changed, 1, answer("Anna"), after(6)).message
        == "Anna: approved edge-1."
    )


def test_votes_of_a_review_are_those_on_its_requests_wherever_they_were_said(ledger):
    whole = opened(ledger, an_item(1), an_item(2), id="whole", run="run-2")
    review = opened(ledger, an_item(2))

    ledger.reviews.note(whole, 1, answer("Bob"), after(5))

    assert [(vote.by, vote.key) for vote in ledger.reviews.votes(review)] == [
        ("Bob", an_item(2).key)
    ]
