"""Reviews: what an answer decides, what is refused and why, and that a decision is final."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.admission.evidence import Code, Evidence
from fleet.admission.review import (
    Answer,
    Item,
    LateAnswer,
    Review,
    Taken,
    Terms,
    UnusableAnswer,
    Vote,
    answer_time,
    decisions,
    take,
)
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.identity import Identity
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from tests.fleet.builders import HOUR, NOW, mac
from tests.laws import ALL_EXAMPLES, met

APPROVE, REJECT, HOLD = Decision.APPROVE, Decision.REJECT, Decision.HOLD
EARLY = Suspicion(SuspicionKind.EARLY, "it came early")
UNKNOWN_DEVICE = Suspicion(SuspicionKind.UNKNOWN_DEVICE, "it is nobody")
SECOND = Suspicion(SuspicionKind.SECOND, "the device already asked as request 1")
A_MINUTE = timedelta(minutes=1)


def an_item(number: int | str, device: str | None = None, *suspicions: Suspicion) -> Item:
    """A held request; it fits its line, if it has any and is suspected of nothing."""
    identity = Identity(None, frozenset({mac(1)}))
    evidence = Evidence(
        site="plant-7",
        request_key=f"{number}/config-1",
        request_id=str(number),
        device=device,
        code=Code.OWN if device else Code.OTHER,
        code_of="",
        expected=identity if device else Identity(),
        observed=identity,
        asked_at=NOW,
        arrivals={"minute": 1},
        suspicions=suspicions,
    )
    return Item(
        evidence,
        ReasonCode.UNKNOWN,
        suspicions[0].message if suspicions else "a person decides here",
    )


EXACT, ALSO_EXACT = an_item(1, "edge-1"), an_item(2, "edge-2")
SUSPICIOUS = an_item(3, "edge-3", EARLY)
NOBODY = an_item(4, None, UNKNOWN_DEVICE)
TWICE = an_item(5, "edge-1", SECOND)
ITEMS = (EXACT, ALSO_EXACT, SUSPICIOUS, NOBODY)


def a_review(*items: Item, **terms: Any) -> Review:
    return Review(
        id="r1",
        site="plant-7",
        connection="lem",
        items=items or ITEMS,
        terms=Terms(**({"deadline": NOW + HOUR} | terms)),
        asked_at=NOW,
    )


def an_answer(**more: Any) -> Answer:
    return Answer(**({"name": "Ann Lee", "reason": "I know it"} | more))


def taken(answer: Answer, *cast: Vote, review: Review | None = None) -> Taken:
    return take(review or a_review(), answer, cast, NOW)


def decided(found: Taken) -> dict[str, Decision]:
    """What was voted, by the request's key."""
    return {vote.key[0]: vote.decision for vote in found.votes}


def refusal(answer: Answer, *cast: Vote, review: Review | None = None) -> str:
    with pytest.raises(UnusableAnswer) as error:
        taken(answer, *cast, review=review)
    return str(error.value)


def a_vote(item: Item, decision: Decision, by: str = "Ann Lee", quorum: int = 1) -> Vote:
    return Vote(item.key, decision, by, "I know it", quorum)


# What an answer decides


@pytest.mark.parametrize(
    ("received", "counts"),
    [
        (NOW, NOW),
        (NOW + A_MINUTE, NOW + A_MINUTE),
        (NOW - A_MINUTE, NOW + HOUR),  # before it was asked
        (NOW + 2 * HOUR, NOW + HOUR),  # later than it is read
        (None, NOW + HOUR),
    ],
)
def test_a_time_that_cannot_be_of_an_answer_is_taken_for_the_latest_possible(
    received: datetime | None, counts: datetime
) -> None:
    assert answer_time(a_review(), received, NOW + HOUR) == counts


def test_the_exact_matches_are_approved_together_and_nothing_else() -> None:
    found = taken(an_answer(exact=APPROVE))

    assert found.votes == (a_vote(EXACT, APPROVE), a_vote(ALSO_EXACT, APPROVE))
    assert found.message == "approved edge-1, edge-2; left 2 held"


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("edge-3", ["3"]),
        ("EDGE-3", ["3"]),
        ("#3", ["3"]),
        ("edge-3, #3;edge-3", ["3"]),
        (" edge-1\nedge-2,,;#3 ", ["1", "2", "3"]),
    ],
    ids=["name", "in capitals", "number", "each once", "several"],
)
def test_requests_are_named_by_device_or_number(words: str, keys: list[str]) -> None:
    found = taken(an_answer(approve=words))

    assert decided(found) == {f"{key}/config-1": APPROVE for key in keys}


def test_a_number_with_letters_is_found_in_any_case() -> None:
    review = a_review(an_item("Req-A", "edge-1"))

    assert len(taken(an_answer(approve="#Req-A"), review=review).votes) == 1
    assert len(taken(an_answer(approve="#req-a"), review=review).votes) == 1


def test_an_unknown_device_is_rejected_by_its_number() -> None:
    found = taken(an_answer(reject="#4"))

    assert found.votes == (a_vote(NOBODY, REJECT),)
    assert found.message == "rejected #4; left 3 held"


def test_what_is_rejected_by_name_is_not_approved_among_the_exact_matches() -> None:
    found = taken(an_answer(exact=APPROVE, reject="edge-2 #4"))

    assert decided(found) == {"1/config-1": APPROVE, "2/config-1": REJECT, "4/config-1": REJECT}
    assert found.message == "approved edge-1; rejected edge-2, #4; left 1 held"


@pytest.mark.parametrize("exact", [HOLD, REJECT])
def test_an_answer_that_names_nothing_leaves_all_of_it_held(exact: Decision) -> None:
    assert taken(an_answer(exact=exact)) == Taken((), "left 4 held")


@pytest.mark.parametrize(
    ("name", "reason"), [(" Ann  Lee ", "I\n know it "), ("\u202eAnn\u200b\xa0Lee", "I\0 know it")]
)
def test_a_vote_carries_name_and_reason_without_what_nobody_needs_or_sees(
    name: str, reason: str
) -> None:
    (vote,) = taken(an_answer(name=name, reason=reason, approve="edge-1")).votes

    assert vote == a_vote(EXACT, APPROVE)


@pytest.mark.parametrize(("number", "rest"), [(5, ""), (6, " and 1 more"), (7, " and 2 more")])
def test_of_many_names_five_are_shown(number: int, rest: str) -> None:
    review = a_review(*(an_item(each, f"edge-{each}") for each in range(number)))

    found = taken(an_answer(exact=APPROVE), review=review)

    assert found.message == f"approved edge-0, edge-1, edge-2, edge-3, edge-4{rest}"


def test_an_answer_that_names_nothing_where_all_is_decided_decides_nothing() -> None:
    review = a_review(an_item(1, "edge-1"))

    found = taken(an_answer(), a_vote(review.items[0], APPROVE), review=review)

    assert (found.votes, found.message) == ((), "decided nothing")


# What is refused


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"name": ""}, "Write your name: it is recorded with the decision"),
        ({"name": " A "}, "Write your name: it is recorded with the decision"),
        ({"name": "\u200b\u200b"}, "Write your name: it is recorded with the decision"),
        ({"reason": " \n"}, "Write a reason: it is recorded with the decision"),
        (
            {"approve": "edge-9"},
            "'edge-9' is not in this review. Name devices or request numbers as the table does, "
            "such as edge-042 or #12",
        ),
        ({"reject": "4"}, "'4' is not in this review. Name devices or request numbers as"),
        (
            {"approve": "edge-1 edge-2", "reject": "#1"},
            "edge-1 is under both approve and reject",
        ),
        (
            {"approve": "#4"},
            "#4 cannot be approved: it is nobody. Add it to the roster, or correct its line, and "
            "onboard the site again",
        ),
    ],
    ids=[
        "no name",
        "initial",
        "unseen",
        "no reason",
        "unknown",
        "no number",
        "both",
        "unknown-device",
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_the_reason(
    more: dict[str, str], message: str
) -> None:
    assert refusal(an_answer(**more)).startswith(message)


def test_a_device_with_several_requests_is_named_by_their_numbers() -> None:
    review = a_review(EXACT, TWICE)

    message = refusal(an_answer(reject="edge-1"), review=review)

    assert message == "'edge-1' has 2 requests: write #1 or #5"
    assert decided(taken(an_answer(reject="#5"), review=review)) == {"5/config-1": REJECT}


def test_a_second_request_is_not_approved_beside_the_first() -> None:
    message = refusal(an_answer(approve="#5"), review=a_review(EXACT, TWICE))

    assert message == (
        "edge-1 cannot be approved: the device already asked as request 1. Reject it, or delete "
        "it in its system"
    )


def test_an_answer_of_which_one_word_is_refused_decides_nothing() -> None:
    assert "'#9' is not in this review" in refusal(an_answer(exact=APPROVE, reject="#9"))


# Until when, and by whom


def test_an_answer_is_taken_to_the_deadline_and_not_a_moment_longer() -> None:
    review, answer = a_review(), an_answer(exact=APPROVE)
    deadline = review.terms.deadline

    assert take(review, answer, (), deadline).votes
    with pytest.raises(LateAnswer) as late:
        take(review, answer, (), deadline + A_MINUTE)

    assert str(late.value) == (
        "Ann Lee answered at 2026-03-02 10:01:00 UTC, after the deadline (2026-03-02 10:00:00 "
        "UTC). Nothing was decided, and what is held stays held. Start another review"
    )


@pytest.mark.parametrize("name", ["Ann Lee", "ann lee", " AnnLee ", "Ann\u200b Lee", "Ａnn Lee"])
def test_who_asked_for_a_review_does_not_decide_it_where_that_is_forbidden(name: str) -> None:
    review = a_review(requested_by="Ann Lee", requester_may_approve=False)

    message = refusal(an_answer(name=name, exact=APPROVE), review=review)

    assert message.endswith("asked for this review, so somebody else must decide it")


@pytest.mark.parametrize(
    "terms",
    [
        {"requested_by": "Ann Lee"},
        {"requested_by": "Bob", "requester_may_approve": False},
        {"requested_by": "", "requester_may_approve": False},
    ],
    ids=["may", "another", "nobody known"],
)
def test_everybody_else_decides_a_review(terms: dict[str, Any]) -> None:
    assert taken(an_answer(exact=APPROVE), review=a_review(**terms)).votes


def test_an_approval_awaits_as_many_people_as_the_quorum_says() -> None:
    review = a_review(quorum=2)

    first = taken(an_answer(approve="edge-1"), review=review)
    second = taken(an_answer(name="Bob", approve="edge-1"), *first.votes, review=review)

    assert first.message == "approved edge-1 (2 people must approve); left 3 held"
    assert (first.awaits, decisions(first.votes)) == (("edge-1",), {})
    assert (second.message, second.awaits) == ("approved edge-1; left 3 held", ())
    message = (
        "approved by Ann Lee, name not proved (I know it) and Bob, name not proved (I know it)"
    )
    verdict = Verdict(APPROVE, ReasonCode.APPROVED_BY_PEOPLE, message, "Ann Lee and Bob")
    assert decisions([*first.votes, *second.votes]) == {EXACT.key: verdict}


@pytest.mark.parametrize(
    "name", ["Ann Lee", "ANN LEE", "AnnLee ", "a n n lee", "Ann\u200bLee", "Ａnn Lee"]
)
def test_one_name_is_one_person_however_it_is_written(name: str) -> None:
    review, vote = a_review(quorum=2), a_vote(EXACT, APPROVE, quorum=2)

    message = refusal(an_answer(name=name, approve="edge-1"), vote, review=review)

    assert message.endswith("before. Somebody else must approve it too")
    assert decisions([vote, replace(vote, by=name)]) == {}


def test_a_name_in_two_spellings_of_one_letter_is_one_person() -> None:
    votes = [a_vote(EXACT, APPROVE, name, quorum=2) for name in ("Ren\u00e9", "Rene\u0301")]

    assert decisions(votes) == {}


def test_who_approved_before_may_still_approve_the_rest() -> None:
    review, vote = a_review(quorum=2), a_vote(EXACT, APPROVE, quorum=2)

    found = taken(an_answer(exact=APPROVE), vote, review=review)

    assert decided(found) == {"2/config-1": APPROVE}
    assert found.message == (
        "edge-1 was approved by Ann Lee before; approved edge-2 (2 people must approve); "
        "left 3 held"
    )


def test_one_rejection_wins_over_approvals_that_are_too_few() -> None:
    review, vote = a_review(quorum=3), a_vote(EXACT, APPROVE, quorum=3)

    found = taken(an_answer(name="Bob", reject="edge-1"), vote, review=review)

    assert found.message == "rejected edge-1; left 3 held"
    message = "rejected by Bob, name not proved (I know it)"
    verdict = Verdict(REJECT, ReasonCode.REJECTED_BY_PEOPLE, message, "Bob")
    assert decisions([vote, *found.votes]) == {EXACT.key: verdict}


def test_who_approved_may_still_reject_as_long_as_nothing_is_decided() -> None:
    review, vote = a_review(quorum=2), a_vote(EXACT, APPROVE, quorum=2)

    found = taken(an_answer(reject="edge-1"), vote, review=review)

    assert decisions([vote, *found.votes])[EXACT.key].decision is REJECT


def test_a_quorum_that_was_asked_for_once_is_not_lowered_by_another_review() -> None:
    votes = [a_vote(EXACT, APPROVE, quorum=2), a_vote(EXACT, APPROVE, "Ann Lee", quorum=1)]

    assert decisions(votes) == {}


@pytest.mark.parametrize(
    ("decision", "message"), [(APPROVE, "approved"), (REJECT, "rejected")], ids=["approved", "not"]
)
def test_an_earlier_decision_stays_and_its_person_is_named(
    decision: Decision, message: str
) -> None:
    found = taken(an_answer(name="Bob", reject="edge-1 #4"), a_vote(EXACT, decision))

    assert found.message == f"edge-1 was {message} before, by Ann Lee; rejected #4; left 2 held"
    assert decided(found) == {"4/config-1": REJECT}


def test_a_second_answer_decides_nothing_and_says_so() -> None:
    found = taken(an_answer(name="Bob", approve="edge-1"), a_vote(EXACT, REJECT))

    assert found == Taken((), "edge-1 was rejected before, by Ann Lee; left 3 held")


def test_a_decision_on_what_a_request_said_before_decides_nothing_on_what_it_says_now() -> None:
    changed = Item(replace(EXACT.evidence, hostname="kiosk"), ReasonCode.UNKNOWN, EXACT.reason)

    found = taken(an_answer(approve="edge-1"), a_vote(EXACT, REJECT), review=a_review(changed))

    assert found.votes == (a_vote(changed, APPROVE),)


# The frozen set


def test_a_reviews_digest_changes_when_a_request_does_and_not_with_what_others_do() -> None:
    changed = Item(replace(EXACT.evidence, version="3.5"), ReasonCode.UNKNOWN, EXACT.reason)
    others = Item(
        replace(EXACT.evidence, machines=9, suspicions=(EARLY,)),
        ReasonCode.UNKNOWN,
        "it came early",
    )

    assert a_review(others).digest == a_review(EXACT).digest
    assert a_review(changed).digest != a_review(EXACT).digest
    assert a_review(EXACT, NOBODY).digest != a_review(EXACT).digest


# Laws

people = st.sampled_from(["Ann Lee", "ann lee", "AnnLee", "Bob", "Cy", ""])
words = st.just("") | st.lists(
    st.sampled_from(["edge-1", "#1", "edge-2", "#3", "edge-3", "#4", "#5", "edge-9", "EDGE-2"]),
    max_size=3,
).map(" ".join)
answers = st.builds(
    Answer,
    name=people,
    reason=st.sampled_from(["I know it", "I know it", "I know it", ""]),
    exact=st.sampled_from([APPROVE, HOLD]),
    approve=words,
    reject=words,
)
reviews = st.builds(
    lambda items, terms: replace(a_review(*items), terms=terms),
    st.lists(st.sampled_from([*ITEMS, TWICE]), min_size=1, max_size=4, unique=True),
    st.builds(
        Terms,
        deadline=st.sampled_from([NOW + HOUR, NOW + HOUR, NOW - HOUR]),
        quorum=st.sampled_from([1, 1, 2, 3]),
        requested_by=people,
        requester_may_approve=st.booleans(),
    ),
)
# Many answers are refused: short lists would rarely decide anything.
rounds = st.lists(st.tuples(reviews, answers), min_size=6, max_size=10)


def answered(review: Review, answer: Answer, cast: list[Vote]) -> tuple[Vote, ...]:
    """The votes of that answer; none when it is refused."""
    with suppress(UnusableAnswer, LateAnswer):
        return taken(answer, *cast, review=review).votes
    return ()


@given(rounds)
def test_a_decision_is_final_whatever_is_answered_after_it(
    rounds_: list[tuple[Review, Answer]],
) -> None:
    cast: list[Vote] = []
    for review, answer in met(rounds_):
        before = decisions(cast)

        cast += answered(review, answer, cast)

        assert before.items() <= decisions(cast).items()


@given(rounds)
def test_no_vote_is_cast_for_what_is_not_in_the_review_or_may_not_be_approved(
    rounds_: list[tuple[Review, Answer]],
) -> None:
    cast: list[Vote] = []
    for review, answer in met(rounds_):
        there = {item.key: item.evidence for item in review.items}

        votes = answered(review, answer, cast)

        assert {vote.key for vote in votes} <= there.keys()
        assert all(there[v.key].may_be_approved for v in votes if v.decision is APPROVE)
        assert {vote.decision for vote in votes} <= {APPROVE, REJECT}
        cast += votes


@ALL_EXAMPLES
@given(rounds)
def test_an_approval_has_as_many_different_names_as_any_of_its_reviews_asked_for(
    rounds_: list[tuple[Review, Answer]],
) -> None:
    cast: list[Vote] = []
    for review, answer in rounds_:
        cast += answered(review, answer, cast)

    for key, verdict in met(decisions(cast).items()):
        votes = [vote for vote in cast if vote.key == key]
        names = {vote.by.casefold().replace(" ", "") for vote in votes}
        assert verdict.decision is REJECT or len(names) >= max(vote.quorum for vote in votes)
        assert verdict.by


@given(rounds)
def test_nobody_votes_twice_for_the_same_thing(rounds_: list[tuple[Review, Answer]]) -> None:
    cast: list[Vote] = []
    for review, answer in rounds_:
        cast += answered(review, answer, cast)

    votes = [(v.key, v.decision, v.by.casefold().replace(" ", "")) for v in cast]
    assert len(votes) == len(set(votes))


@given(reviews, answers)
def test_every_answer_that_is_taken_has_a_sentence(review: Review, answer: Answer) -> None:
    with suppress(UnusableAnswer, LateAnswer):
        assert taken(answer, review=review).message
