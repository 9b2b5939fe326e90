"""Somebody wants a machine approved, and is not who may approve it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Session, select

from fleet.admission.approver import ALL_SITES, TRIES, Approver, Role
from fleet.admission.review import Answer, UnusableAnswer
from fleet.state.verdict import Decision
from ledger.admission.reviews import Asked
from ledger.approvers.approvers import CannotEnroll, CannotRemove
from ledger.database.engine import LedgerUnusable, connect
from ledger.database.tables import ApproverRow, DecisionRow, KeyedFactRow
from ledger.keys.record_keys import DoesNotHold
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.attacks.approvers import LATER, STEP, Desk
from tests.fleet.builders import NOW
from tests.ledger.decided import tamper
from tests.ledger.running import SCOPE, SITE
from tests.ledger.sealed import everything

APPROVED, NOTHING = [Decision.APPROVE], []


@pytest.fixture
def desk(sqlite_url):
    engine = connect(sqlite_url)
    yield Desk(engine, Ledger(engine))
    engine.dispose()


@pytest.fixture
def two(desk):
    """The same, with Anna and Bernd enrolled for plant-7."""
    desk.enroll("Anna")
    desk.enroll("Bernd")
    return desk


# Somebody types names into the form.


@pytest.mark.heavy
def test_typed_names_are_no_quorum_once_one_person_is_enrolled(desk):
    desk.enroll("Anna")
    review = desk.review(quorum=2)

    said = [desk.answer(review, name) for name in ("Anna", "Bernd")]

    assert [noted.accepted for noted in said] == [False, False]
    assert "Write the six digits" in said[0].message
    assert "Bernd is not enrolled" in said[1].message
    assert desk.decided() == NOTHING
    assert desk.answer(review, "Anna", desk.digits("Anna")).accepted


def test_names_that_were_typed_before_anybody_was_enrolled_count_no_more(desk):
    review = desk.review(quorum=2)
    assert desk.answer(review, "Eve").accepted

    desk.enroll("Anna")

    assert desk.answer(review, "Anna", desk.digits("Anna")).accepted
    assert desk.decided() == NOTHING


def test_a_rejection_by_a_typed_name_stays_so_that_no_rule_approves_what_was_turned_away(desk):
    desk.answer(desk.review(), "Eve", to="reject")

    desk.enroll("Anna")

    assert desk.decided() == [Decision.REJECT]


def test_where_nobody_is_enrolled_the_record_says_that_the_name_is_not_proved(desk):
    desk.answer(desk.review(), "Eve")

    (recorded,) = desk.ledger.decisions.by_people(SITE)
    verdict = next(iter(desk.ledger.memory.recall(Claim(SITE, SCOPE)).decisions.values()))
    assert (recorded.proof, recorded.signature) == (None, "Eve (name not proved)")
    assert verdict.reason == "approved by Eve, name not proved (as ordered)"


def test_an_approver_of_another_site_decides_nothing_here(two):
    two.enroll("Carla", "plant-8")

    noted = two.answer(two.review(), "Carla", two.digits("Carla"))

    assert noted.message == "Carla is enrolled for plant-8, and not for plant-7."
    assert two.decided() == NOTHING


def test_who_is_enrolled_only_to_ask_decides_nothing(two):
    two.enroll("Rita", role=Role.REQUESTER)

    noted = two.answer(two.review(), "Rita", two.digits("Rita"))

    assert not noted.accepted
    assert two.decided() == NOTHING


def test_nobody_is_two_people_by_writing_a_name_differently(two):
    review = two.review(quorum=2)
    two.answer(review, "Anna", two.digits("Anna"))

    noted = two.answer(review, " AN NA", two.digits("Anna", LATER + STEP), LATER + STEP)

    assert "Somebody else must approve it too" in noted.message
    assert two.decided() == NOTHING
    with pytest.raises(CannotEnroll, match="is enrolled already"):
        two.enroll("Ａnna")


def test_two_enrolled_people_are_a_quorum_and_the_record_has_their_proofs_but_no_digits(two):
    review = two.review(quorum=2)
    for name in ("Anna", "Bernd"):
        two.answer(review, name, two.digits(name))

    assert two.decided() == APPROVED
    proofs = [row.proof for row in two.ledger.decisions.by_people(SITE)]
    assert ['"name":"Anna"' in proofs[0], '"name":"Bernd"' in proofs[1]] == [True, True]
    stored = everything(str(two.engine.url), two.engine)
    for name, app in two.apps.items():
        assert two.digits(name).encode() not in stored
        assert app.secret.encode() not in stored
    assert two.ledger.decisions.verify() is None


# Somebody has seen digits, or guesses them.


def test_digits_work_once(two):
    digits = two.digits("Anna")
    assert two.answer(two.review(), "Anna", digits, to="reject").accepted

    noted = two.answer(two.review(), "Anna", digits)

    assert "were used already" in noted.message


def test_digits_work_once_also_when_two_machines_are_given_them_at_the_same_moment(two):
    reviews = [two.review(), two.review()]
    digits = two.digits("Anna")

    def answered(number):
        engine = connect(str(two.engine.url))
        try:
            here = Desk(engine, Ledger(engine), rounds=10 * number)
            return here.answer(reviews[number], "Anna", digits).accepted
        finally:
            engine.dispose()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(answered, (0, 1))) == [False, True]


def test_digits_of_an_answer_that_decides_nothing_are_used_as_well(two):
    review, digits = two.review(), two.digits("Anna")
    elsewhere = Answer("Anna", "as ordered", approve="edge-9", digits=digits)
    two.ledger.reviews.note(review, 99, elsewhere, LATER)

    assert "were used already" in two.answer(review, "Anna", digits).message


@pytest.mark.parametrize(("steps", "is_believed"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_wrong_by_one_step(two, steps, is_believed):
    digits = two.digits("Anna", LATER + steps * STEP)

    assert two.answer(two.review(), "Anna", digits).accepted is is_believed


def test_digits_of_another_person_are_wrong(two):
    noted = two.answer(two.review(), "Anna", two.digits("Bernd"))

    assert "are not the digits that the app of Anna showed" in noted.message


@pytest.mark.heavy
def test_who_guesses_is_locked_for_longer_and_longer_and_the_right_digits_wait_too(two):
    review, at, minutes = two.review(), LATER, []
    for _ in range(3):
        for _ in range(TRIES):
            last = two.answer(review, "Anna", _wrong(two, "Anna", at), at)
        until = _locked(two, "Anna")
        assert f"locked until {until:%Y-%m-%d %H:%M:%S} UTC" in last.message
        assert not two.answer(review, "Anna", two.digits("Anna", at), at).accepted
        minutes.append((until - at) / timedelta(minutes=1))
        at = until

    assert minutes == [15, 30, 60]
    assert two.answer(review, "Anna", two.digits("Anna", at), at).accepted
    assert _locked(two, "Anna") is None


def test_what_is_no_digits_at_all_is_refused_without_counting_as_a_guess(two):
    for text_ in ("", "12345", "1234567", "abcdef", "१२३४५६"):
        assert "Write the six digits" in two.answer(two.review(), "Anna", text_).message

    with Session(two.engine) as session:
        assert [row.failures for row in session.exec(select(ApproverRow))] == [0, 0]


# Somebody asks for a review and wants to decide it.


def test_who_was_proved_to_ask_cannot_decide_in_their_name(two):
    asked = Asked(two.digits("Anna"), LATER)
    review = two.review(asked, requested_by="anna", requester_may_approve=False)

    later = LATER + STEP
    noted = two.answer(review, "Anna", two.digits("Anna", later), later)

    assert (review.terms.requested_by, review.terms.requester_is_proved) == ("Anna", True)
    assert "Anna asked for this review, so somebody else must decide it" in noted.message
    assert two.answer(review, "Bernd", two.digits("Bernd")).accepted


def test_two_who_ask_for_each_others_reviews_are_not_the_two_others_that_must_approve(two):
    terms = {"requester_may_approve": False, "quorum": 2}
    first = two.review(Asked(two.digits("Anna"), LATER), requested_by="Anna", **terms)
    assert two.answer(first, "Bernd", two.digits("Bernd")).accepted

    later = LATER + STEP
    with pytest.raises(UnusableAnswer, match="Bernd approved edge-1 before"):
        two.review(Asked(two.digits("Bernd", later), later), requested_by="Bernd", **terms)

    assert two.decided() == NOTHING


def test_nobody_asks_in_anothers_name(two):
    with pytest.raises(UnusableAnswer, match="are not the digits"):
        two.review(Asked(two.digits("Anna"), LATER), requested_by="Bernd")


def test_a_review_by_who_knows_whom_is_decided_by_nobody_who_might_have_asked_for_it(two):
    review = two.review(requested_by="Bernd", requester_may_approve=False)

    noted = two.answer(review, "Anna", two.digits("Anna"))

    assert "who that was is not proved" in noted.message
    assert two.decided() == NOTHING


def test_a_requester_who_is_changed_in_the_database_lets_nobody_decide(two):
    asked = Asked(two.digits("Anna"), LATER)
    review = two.review(asked, requested_by="Anna", requester_may_approve=False)
    _run(two, "UPDATE review SET requested_by = 'Bernd'")

    later = LATER + STEP
    with pytest.raises(DoesNotHold):
        two.answer(review, "Anna", two.digits("Anna", later), later)


def test_who_guesses_the_digits_of_a_requester_is_locked_as_well(two):
    for _ in range(TRIES):
        with pytest.raises(UnusableAnswer, match="are not the digits"):
            two.review(Asked(_wrong(two, "Anna", LATER), LATER), requested_by="Anna")

    with pytest.raises(UnusableAnswer, match="Anna is locked until"):
        two.review(Asked(two.digits("Anna"), LATER), requested_by="Anna")


# Somebody has the database.


def test_a_row_for_an_approver_makes_none(two):
    _run(
        two,
        "INSERT INTO approver (id, sealed, key_id, used_step, failures, mac) "
        "SELECT 'eve', sealed, key_id, 0, 0, mac FROM approver LIMIT 1",
    )

    noted = two.answer(two.review(), "Eve", two.digits("Anna"))

    assert "Eve is not enrolled" in noted.message


def test_a_record_of_an_enrollment_makes_no_approver(two):
    review = two.review()
    with Session(two.engine) as session:
        anna = session.get_one(DecisionRow, 1).model_dump()
        evidence = anna["evidence"].replace("id-Anna-1", "eve").replace("Anna", "Eve")
        forged = {"id": 99, "request_key": "approver/eve", "evidence": evidence}
        session.add(DecisionRow(**anna | forged | {"previous_hash": "x", "hash": "y"}))
        session.commit()

    with pytest.raises(DoesNotHold, match="the end of the decisions"):
        two.answer(review, "Eve", two.digits("Anna"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE approver SET sealed = (SELECT sealed FROM approver WHERE id = 'id-Bernd-2')",
        "UPDATE approver SET used_step = 0",
        "DELETE FROM approver WHERE id = 'id-Anna-1'",
    ],
)
def test_an_approver_whose_row_was_changed_does_not_count_and_the_site_stays_guarded(two, change):
    _run(two, change)

    noted = two.answer(two.review(), "Anna", two.digits("Bernd"))

    assert "is not as it was made, so it does not count" in noted.message
    assert not two.answer(two.review(), "Eve").accepted


def test_whole_rows_of_two_approvers_that_were_exchanged_count_for_neither(two):
    with Session(two.engine) as session:
        anna, bernd = (session.get_one(ApproverRow, id_) for id_ in ("id-Anna-1", "id-Bernd-2"))
        for name in ("sealed", "key_id", "used_step", "mac"):
            one, other = getattr(anna, name), getattr(bernd, name)
            setattr(anna, name, other)
            setattr(bernd, name, one)
        session.commit()

    assert not two.answer(two.review(), "Anna", two.digits("Bernd")).accepted


@pytest.mark.parametrize(
    ("before", "after"), [('"role":"requester"', '"role":"approver"'), ("plant-7", "plant-8")]
)
def test_nobody_is_given_another_site_or_role_by_hand(two, before, after):
    two.enroll("Rita", role=Role.REQUESTER)
    review = two.review()
    _run(two, f"UPDATE keyed_fact SET facts = replace(facts, '{before}', '{after}')")

    with pytest.raises(DoesNotHold):
        two.answer(review, "Rita", two.digits("Rita"))


def test_no_note_of_who_is_enrolled_is_put_back_from_before_they_were(desk):
    """Not even by who also takes the enrollment out of the record."""
    review, before = desk.review(), _note(desk)
    desk.enroll("Anna")

    with Session(desk.engine) as session:
        session.merge(KeyedFactRow(**before))
        session.commit()
    tamper(desk.engine, "DELETE FROM decision")

    with pytest.raises(DoesNotHold):
        desk.answer(review, "Eve")
    with pytest.raises(DoesNotHold, match="who is enrolled to decide"):
        desk.ledger.approvers.enrolled()


def test_where_nothing_says_who_is_enrolled_nothing_is_decided(two):
    review = two.review()
    _run(two, "DELETE FROM keyed_fact WHERE name = 'approvers'")

    with pytest.raises(LedgerUnusable):
        two.answer(review, "Eve")


def test_digits_work_once_also_when_the_row_of_an_approver_is_put_back(two):
    row, digits = _row(two, "id-Anna-1"), two.digits("Anna")
    assert two.answer(two.review(), "Anna", digits, to="reject").accepted
    _put_back(two, row)

    noted = two.answer(two.review(), "Anna", digits)

    assert "were used already" in noted.message
    later = LATER + STEP
    assert two.answer(two.review(), "Anna", two.digits("Anna", later), later).accepted


def test_so_it_is_with_the_digits_of_who_asked_for_a_review(two):
    row, digits = _row(two, "id-Anna-1"), two.digits("Anna")
    review = two.review(Asked(digits, LATER), requested_by="Anna")
    _put_back(two, row)

    assert "were used already" in two.answer(review, "Anna", digits).message


# People come and go.


def test_who_left_decides_nothing_any_more_and_what_they_decided_stands(two):
    two.answer(two.review(), "Anna", two.digits("Anna"))
    two.ledger.approvers.remove("anna", "root on here", LATER, leaving_unproved=False)

    noted = two.answer(two.review(), "Anna", two.digits("Anna", LATER + STEP), LATER + STEP)

    assert "Anna is not enrolled" in noted.message
    assert two.decided() == APPROVED


def test_the_last_approver_of_a_site_does_not_leave_it_to_typed_names_by_mistake(two):
    two.enroll("Zoe", "plant-8")

    with pytest.raises(CannotRemove, match="Zoe is the last approver for plant-8"):
        two.ledger.approvers.remove("Zoe", "root on here", LATER, leaving_unproved=False)

    two.ledger.approvers.remove("Zoe", "root on here", LATER, leaving_unproved=True)
    assert two.answer(two.review(site="plant-8"), "Eve").accepted
    with Session(two.engine) as session:
        reasons = [row.reason for row in session.exec(select(DecisionRow)) if row.how == "approver"]
    assert reasons[-1] == "removed Zoe; names decide without proof for plant-8"
    assert two.ledger.decisions.verify() is None


def test_an_enrollment_outlasts_the_archiving_of_its_record(two, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_ARCHIVE", str(tmp_path / "archive"))
    assert two.answer(two.review(), "Anna", two.digits("Anna"), to="reject").accepted

    years_later = NOW + timedelta(days=800)
    assert two.ledger.decisions.move_to_archive(years_later, years_later) == 2

    assert two.answer(two.review(), "Bernd", two.digits("Bernd")).accepted
    assert not two.answer(two.review(), "Eve").accepted
    assert two.ledger.decisions.verify() is None


def test_nobody_is_enrolled_whose_app_shows_other_digits(desk):
    person = Approver("id", "Anna", (ALL_SITES,))
    secret = pyotp.random_base32()
    wrong = f"{(int(pyotp.TOTP(secret).at(NOW)) + 1) % 1_000_000:06}"

    with pytest.raises(CannotEnroll, match="are not the six digits"):
        desk.ledger.approvers.enroll(person, SecretStr(secret), wrong, "root on here", NOW)

    assert desk.ledger.approvers.enrolled() == []


def _wrong(desk, name, at):
    """Digits that the app shows neither then nor a step before or after."""
    near = {desk.digits(name, at + drift * STEP) for drift in (-1, 0, 1)}
    return next(f"{n:06}" for n in range(4) if f"{n:06}" not in near)


def _locked(desk, name):
    everybody = {each.approver.name: each for each in desk.ledger.approvers.enrolled()}
    return everybody[name].locked_until


def _note(desk):
    with Session(desk.engine) as session:
        return session.get_one(KeyedFactRow, "approvers").model_dump()


def _row(desk, id_):
    with Session(desk.engine) as session:
        return session.get_one(ApproverRow, id_).model_dump()


def _put_back(desk, row):
    with Session(desk.engine) as session:
        session.merge(ApproverRow(**row))
        session.commit()


def _run(desk, statement):
    with desk.engine.begin() as connection:
        connection.execute(text(statement))
