"""Enrollments: recorded before they are asked for, with fingerprints that find them again."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from fleet.action.action import Adopt
from fleet.state.memory import EnrollmentRecord
from fleet.system.enroll import Enroll
from ledger.database.tables import DeviceEnrollmentRow, EnrollmentRow
from ledger.state.claims import ClaimLost
from tests.fleet.builders import EXPIRY, NOW, an_enrollment
from tests.laws import SAME_FIXTURES
from tests.ledger.running import ONE, SCOPE, SITE, TWO, after, begun, rows, taken_over

BOTH = Enroll((ONE, TWO), 40, EXPIRY)
# The ledger stays the same between examples, and fills up: all the better.
FILLING_UP = settings(SAME_FIXTURES)


def remembered(ledger, claim, name="edge-1"):
    return ledger.memory.recall(claim).of(name).enrollments


def test_an_intent_is_an_enrollment_of_unknown_outcome_for_every_device(ledger):
    claim = begun(ledger, ONE, TWO)

    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)

    record = EnrollmentRecord(
        wanted_expiry=fingerprint, made_at=NOW, capacity=40, enrollment_id=None
    )
    assert remembered(ledger, claim) == remembered(ledger, claim, "edge-2") == (record,)


def test_the_error_that_left_an_enrollment_unknown_is_remembered_in_later_runs(ledger):
    claim = begun(ledger, ONE, TWO)
    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)

    ledger.enrollments.unanswered(claim, fingerprint, "POST /x: 500. See its own log")
    ledger.claims.close_claim(claim, NOW)

    (record,) = remembered(ledger, begun(ledger, ONE, TWO), "edge-2")
    assert (record.enrollment_id, record.answer) == (None, "POST /x: 500. See its own log")


@FILLING_UP
@given(st.datetimes(EXPIRY.replace(tzinfo=None), timezones=st.just(EXPIRY.tzinfo)))
def test_a_fingerprint_is_within_the_minute_before_the_asked_expiry(engine, ledger, asked):
    claim = taken_over(engine)

    fingerprint = ledger.enrollments.intend(claim, Enroll((ONE,), 1, asked), NOW)

    assert timedelta() <= asked.replace(microsecond=0) - fingerprint < timedelta(minutes=1)
    assert fingerprint.microsecond % 1000 == 0


@pytest.mark.parametrize(("minutes", "shorter"), [(30, 3), (10, 1), (2, 1)])
def test_a_short_lived_code_loses_little_of_its_life(ledger, minutes, shorter):
    claim, asked = begun(ledger), NOW + timedelta(minutes=minutes)

    fingerprints = [
        ledger.enrollments.intend(claim, Enroll((ONE,), 1, asked), NOW) for _ in range(9)
    ]

    assert min(fingerprints) > asked - timedelta(minutes=shorter)


@pytest.mark.heavy
def test_a_fingerprint_is_drawn_until_it_is_new(engine, ledger):
    claim, asked = begun(ledger), NOW + timedelta(minutes=2)
    used = {asked - timedelta(milliseconds=2 * number) for number in range(30_000)}
    facts = {"site": SITE, "scope": SCOPE, "capacity": 1, "made_at": NOW}
    with engine.begin() as connection:  # every second fingerprint of the one minute that is left
        connection.execute(
            insert(EnrollmentRow), [facts | {"wanted_expiry": fingerprint} for fingerprint in used]
        )

    fingerprints = {
        ledger.enrollments.intend(claim, Enroll((ONE,), 1, asked), NOW) for _ in range(15)
    }

    assert len(fingerprints) == 15
    assert not fingerprints & used


def test_no_two_fingerprints_are_alike_whoever_asks(ledger):
    claims = [begun(ledger), begun(ledger, scope="LEM project b"), begun(ledger, TWO)]

    fingerprints = [
        ledger.enrollments.intend(claim, BOTH, NOW) for claim in claims for _ in range(20)
    ]

    assert len(set(fingerprints)) == len(fingerprints)


def test_asking_again_keeps_the_fingerprint_and_says_when_it_was_asked_last(engine, ledger):
    claim = begun(ledger)
    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)

    again = ledger.enrollments.intend(
        claim, Enroll((ONE,), 40, fingerprint, asked_before=NOW), after(60)
    )

    assert again == fingerprint
    assert [row.made_at for row in rows(engine, EnrollmentRow)] == [after(60)]


@pytest.mark.parametrize("before", [None, NOW])
def test_a_run_that_was_taken_over_may_not_enroll(engine, ledger, before):
    first = begun(ledger)
    taken_over(engine)

    with pytest.raises(ClaimLost):
        ledger.enrollments.intend(first, Enroll((ONE,), 1, EXPIRY, asked_before=before), after(61))

    assert rows(engine, EnrollmentRow) == []


def test_a_resolved_enrollment_has_its_id_and_leaves_others_alone(ledger):
    claim = begun(ledger)
    first, second = (ledger.enrollments.intend(claim, BOTH, NOW) for _ in range(2))

    ledger.enrollments.resolve(claim, second, "config-2")

    known = {g.wanted_expiry: g.enrollment_id for g in remembered(ledger, claim)}
    assert known == {first: None, second: "config-2"}
    assert ledger.memory.recall(claim).enrollment_ids == {"config-2"}


def test_a_known_outcome_is_never_overwritten(ledger):
    claim = begun(ledger)
    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)
    ledger.enrollments.resolve(claim, fingerprint, "config-1")

    ledger.enrollments.resolve(claim, fingerprint, "config-2")
    ledger.enrollments.forget(claim, fingerprint)

    assert [record.enrollment_id for record in remembered(ledger, claim)] == ["config-1"]


def test_a_code_is_sealed_also_when_another_run_s_enrollment_was_recorded_first(ledger):
    claim = begun(ledger)
    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)
    ledger.enrollments.resolve(claim, fingerprint, "config-1")
    written = []

    ledger.enrollments.resolve(claim, fingerprint, "config-2", written.append)

    assert len(written) == 1


def test_an_outcome_that_another_runs_observation_has_recorded_before_is_no_fault(ledger):
    claim = begun(ledger)
    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)
    ledger.enrollments.resolve(begun(ledger, TWO), fingerprint, "config-1")

    ledger.enrollments.resolve(claim, fingerprint, "config-1")

    assert [record.enrollment_id for record in remembered(ledger, claim)] == ["config-1"]


def test_a_fingerprint_that_no_enrollment_has_is_reported_and_not_passed_over(ledger):
    with pytest.raises(LookupError, match=r"plant-7 has no enrollment .* 2026-03-09"):
        ledger.enrollments.resolve(begun(ledger), EXPIRY, "config-1")


def test_a_forgotten_intent_leaves_no_trace(engine, ledger):
    claim = begun(ledger, ONE, TWO)
    left, fingerprint = (ledger.enrollments.intend(claim, BOTH, NOW) for _ in range(2))

    ledger.enrollments.forget(claim, fingerprint)

    assert [row.wanted_expiry for row in rows(engine, EnrollmentRow)] == [left]
    assert len(rows(engine, DeviceEnrollmentRow)) == 2


def test_an_intent_whose_call_was_not_made_is_withdrawn(engine, ledger):
    claim = begun(ledger, ONE, TWO)
    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)

    ledger.enrollments.withdraw(claim, fingerprint)

    assert rows(engine, EnrollmentRow) == rows(engine, DeviceEnrollmentRow) == []


def test_an_intent_is_not_withdrawn_from_a_run_that_has_taken_over(engine, ledger):
    claim = begun(ledger, ONE, TWO)
    fingerprint = ledger.enrollments.intend(claim, BOTH, NOW)
    other = taken_over(engine, ONE, TWO)

    with pytest.raises(ClaimLost):
        ledger.enrollments.withdraw(claim, fingerprint)

    assert [record.wanted_expiry for record in remembered(ledger, other)] == [fingerprint]


def test_fingerprints_of_another_site_or_scope_are_not_ours_to_resolve(ledger):
    claim, other = begun(ledger), begun(ledger, scope="LEM project b")
    fingerprint = ledger.enrollments.intend(other, BOTH, NOW)

    with pytest.raises(LookupError):
        ledger.enrollments.resolve(claim, fingerprint, "config-1")
    ledger.enrollments.forget(claim, fingerprint)

    assert [record.enrollment_id for record in remembered(ledger, other)] == [None]


def test_an_adopted_enrollment_is_remembered_from_then_on(ledger):
    claim = begun(ledger, ONE, TWO)

    ledger.enrollments.adopt(claim, Adopt((TWO,), an_enrollment("config-9")), after(3))

    assert remembered(ledger, claim) == ()
    assert remembered(ledger, claim, "edge-2") == (
        EnrollmentRecord(EXPIRY, after(3), 5, "config-9", adopted=True),
    )


def test_only_an_enrollment_that_was_there_before_is_remembered_as_adopted(ledger):
    claim = begun(ledger)
    ledger.enrollments.adopt(claim, Adopt((ONE,), an_enrollment("config-9")), after(3))
    fingerprint = ledger.enrollments.intend(claim, BOTH, after(4))

    ledger.enrollments.resolve(claim, fingerprint, "config-1")

    known = {record.enrollment_id: record.adopted for record in remembered(ledger, claim)}
    assert known == {"config-9": True, "config-1": False}


def test_enrollments_are_remembered_oldest_first(ledger):
    claim = begun(ledger)
    ledger.enrollments.adopt(claim, Adopt((ONE,), an_enrollment("config-9")), after(3))
    fingerprint = ledger.enrollments.intend(claim, BOTH, after(4))

    ledger.enrollments.resolve(claim, fingerprint, "config-1")

    assert [g.enrollment_id for g in remembered(ledger, claim)] == ["config-9", "config-1"]
