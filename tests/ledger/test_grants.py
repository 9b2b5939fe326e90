"""Grants: enrolments written down before they are asked for, under marks that find them again."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from fleet.action.action import Adopt
from fleet.state.memory import Grant
from fleet.system.enroll import Enrol
from ledger.database.tables import DeviceEnrollmentRow, EnrollmentRow
from ledger.session import Ledger
from ledger.state.claims import ClaimLost
from tests.fleet.builders import EXPIRY, NOW, an_enrolment
from tests.laws import SAME_FIXTURES
from tests.ledger.running import LEASE, ONE, SCOPE, SITE, TWO, after, begun, rows

BOTH = Enrol((ONE, TWO), 40, EXPIRY)
LAW = settings(max_examples=10)
# The ledger stays the same between examples, and fills up: all the better.
FILLING_UP = settings(SAME_FIXTURES)


def remembered(engine, batch, name="edge-1"):
    return Ledger(engine).memory.recall(batch).of(name).grants


def test_an_intent_is_a_grant_of_unknown_outcome_for_every_device(engine):
    batch = begun(engine, ONE, TWO)

    mark = Ledger(engine).grants.intend_enrollment(batch, BOTH, NOW)

    grant = Grant(wanted_expiry=mark, made_at=NOW, capacity=40, enrolment_id=None)
    assert remembered(engine, batch) == remembered(engine, batch, "edge-2") == (grant,)


@FILLING_UP
@given(st.datetimes(EXPIRY.replace(tzinfo=None), timezones=st.just(EXPIRY.tzinfo)))
def test_a_mark_is_within_the_ten_minutes_before_the_asked_expiry(engine, asked):
    batch = begun(engine, now=NOW + LEASE * len(rows(engine, EnrollmentRow)))

    mark = Ledger(engine).grants.intend_enrollment(batch, Enrol((ONE,), 1, asked), NOW)

    assert timedelta() <= asked.replace(microsecond=0) - mark < timedelta(minutes=10)
    assert mark.microsecond % 1000 == 0


@pytest.mark.parametrize(("minutes", "shorter"), [(30, 3), (10, 1), (2, 1)])
def test_a_short_lived_code_loses_little_of_its_life(engine, minutes, shorter):
    batch, asked = begun(engine), NOW + timedelta(minutes=minutes)

    marks = [
        Ledger(engine).grants.intend_enrollment(batch, Enrol((ONE,), 1, asked), NOW)
        for _ in range(9)
    ]

    assert min(marks) > asked - timedelta(minutes=shorter)


def test_a_mark_is_drawn_until_it_is_new(engine):
    batch, asked = begun(engine), NOW + timedelta(minutes=2)
    used = {asked - timedelta(milliseconds=2 * number) for number in range(30_000)}
    facts = {"site": SITE, "scope": SCOPE, "capacity": 1, "made_at": NOW}
    with engine.begin() as connection:  # every second mark of the one minute that is left
        connection.execute(
            insert(EnrollmentRow), [facts | {"wanted_expiry": mark} for mark in used]
        )

    marks = {
        Ledger(engine).grants.intend_enrollment(batch, Enrol((ONE,), 1, asked), NOW)
        for _ in range(15)
    }

    assert len(marks) == 15
    assert not marks & used


def test_no_two_marks_are_alike_whoever_asks(engine):
    batches = [begun(engine), begun(engine, scope="LEM project b"), begun(engine, TWO)]

    marks = [
        Ledger(engine).grants.intend_enrollment(batch, BOTH, NOW)
        for batch in batches
        for _ in range(70)
    ]

    assert len(set(marks)) == len(marks)


def test_asking_again_keeps_the_mark_and_tells_when_it_was_asked_last(engine):
    batch = begun(engine)
    mark = Ledger(engine).grants.intend_enrollment(batch, BOTH, NOW)

    again = Ledger(engine).grants.intend_enrollment(
        batch, Enrol((ONE,), 40, mark, asked_before=NOW), after(60)
    )

    assert again == mark
    assert [row.made_at for row in rows(engine, EnrollmentRow)] == [after(60)]


@pytest.mark.parametrize("before", [None, NOW])
def test_a_run_that_was_taken_over_may_not_enrol(engine, before):
    first = begun(engine)
    begun(engine, now=after(60))

    with pytest.raises(ClaimLost):
        Ledger(engine).grants.intend_enrollment(
            first, Enrol((ONE,), 1, EXPIRY, asked_before=before), after(61)
        )

    assert rows(engine, EnrollmentRow) == []


def test_a_settled_grant_knows_its_enrolment_and_leaves_others_alone(engine):
    batch = begun(engine)
    first, second = (Ledger(engine).grants.intend_enrollment(batch, BOTH, NOW) for _ in range(2))

    Ledger(engine).grants.resolve_enrollment(batch, second, "config-2")

    known = {g.wanted_expiry: g.enrolment_id for g in remembered(engine, batch)}
    assert known == {first: None, second: "config-2"}
    assert Ledger(engine).memory.recall(batch).enrolment_ids == {"config-2"}


def test_a_known_outcome_is_never_overwritten(engine):
    batch = begun(engine)
    mark = Ledger(engine).grants.intend_enrollment(batch, BOTH, NOW)
    Ledger(engine).grants.resolve_enrollment(batch, mark, "config-1")

    with pytest.raises(LookupError):
        Ledger(engine).grants.resolve_enrollment(batch, mark, "config-2")
    Ledger(engine).grants.forget(batch, mark)

    assert [grant.enrolment_id for grant in remembered(engine, batch)] == ["config-1"]


def test_an_outcome_that_another_runs_look_has_recorded_before_is_recorded_already(engine):
    batch = begun(engine)
    mark = Ledger(engine).grants.intend_enrollment(batch, BOTH, NOW)
    Ledger(engine).grants.resolve_enrollment(begun(engine, TWO), mark, "config-1")

    Ledger(engine).grants.resolve_enrollment(batch, mark, "config-1")

    assert [grant.enrolment_id for grant in remembered(engine, batch)] == ["config-1"]


def test_a_mark_that_no_grant_bears_is_told_and_not_passed_over(engine):
    with pytest.raises(LookupError, match="plant-7 has no open grant with the mark 2026-03-09"):
        Ledger(engine).grants.resolve_enrollment(begun(engine), EXPIRY, "config-1")


def test_a_forgotten_intent_leaves_no_trace(engine):
    batch = begun(engine, ONE, TWO)
    kept, mark = (Ledger(engine).grants.intend_enrollment(batch, BOTH, NOW) for _ in range(2))

    Ledger(engine).grants.forget(batch, mark)

    assert [row.wanted_expiry for row in rows(engine, EnrollmentRow)] == [kept]
    assert len(rows(engine, DeviceEnrollmentRow)) == 2


def test_marks_of_another_site_or_scope_are_not_ours_to_settle(engine):
    batch, other = begun(engine), begun(engine, scope="LEM project b")
    mark = Ledger(engine).grants.intend_enrollment(other, BOTH, NOW)

    with pytest.raises(LookupError):
        Ledger(engine).grants.resolve_enrollment(batch, mark, "config-1")
    Ledger(engine).grants.forget(batch, mark)

    assert [grant.enrolment_id for grant in remembered(engine, other)] == [None]


def test_an_adopted_enrolment_is_a_grant_from_then_on(engine):
    batch = begun(engine, ONE, TWO)

    Ledger(engine).grants.adopt(batch, Adopt((TWO,), an_enrolment("config-9")), after(3))

    assert remembered(engine, batch) == ()
    assert remembered(engine, batch, "edge-2") == (
        Grant(EXPIRY, after(3), 5, "config-9", adopted=True),
    )


def test_only_an_enrolment_that_was_there_before_is_remembered_as_adopted(engine):
    batch = begun(engine)
    Ledger(engine).grants.adopt(batch, Adopt((ONE,), an_enrolment("config-9")), after(3))
    mark = Ledger(engine).grants.intend_enrollment(batch, BOTH, after(4))

    Ledger(engine).grants.resolve_enrollment(batch, mark, "config-1")

    known = {grant.enrolment_id: grant.adopted for grant in remembered(engine, batch)}
    assert known == {"config-9": True, "config-1": False}


def test_grants_are_remembered_oldest_first(engine):
    batch = begun(engine)
    Ledger(engine).grants.adopt(batch, Adopt((ONE,), an_enrolment("config-9")), after(3))
    mark = Ledger(engine).grants.intend_enrollment(batch, BOTH, after(4))

    Ledger(engine).grants.resolve_enrollment(batch, mark, "config-1")

    assert [g.enrolment_id for g in remembered(engine, batch)] == ["config-9", "config-1"]
