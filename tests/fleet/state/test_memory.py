from dataclasses import replace

import pytest

from fleet.state.action_kind import ActionKind
from fleet.state.memory import ENROLLMENT, Memory, Remembered
from tests.fleet.builders import NOW, a_device, an_enrollment_record, an_own_enrollment_record, mac

SHARED, OWN, LOST = (
    an_enrollment_record("shared"),
    an_own_enrollment_record("own"),
    an_own_enrollment_record(None),
)
PAST = Remembered(
    enrollments=(SHARED, OWN, an_enrollment_record(None), LOST),
    approved=frozenset({"1/own"}),
    rejected=frozenset({"2/own"}),
    pending=frozenset({"4/own"}),
    refused={(ActionKind.APPROVE, "3/own"): "no licence"},
    retries=2,
    retried_at=NOW,
    confirmed_as="d1",
)
MEMORY = Memory({"edge-1": PAST})


@pytest.mark.parametrize("shown", [{"macs": [mac(1)]}, {"macs": [], "host_id": "h1"}])
def test_for_a_device_with_identity_the_whole_past_counts(shown: dict[str, object]) -> None:
    assert MEMORY.for_device(a_device(**shown)) == PAST


def test_for_a_device_without_identity_only_enrollments_for_one_alone_count() -> None:
    past = MEMORY.for_device(a_device(macs=[]))

    assert past == replace(PAST, enrollments=(OWN, LOST))
    assert past.enrollment_ids == {"own"}


def test_a_new_device_has_no_past_with_or_without_identity() -> None:
    assert MEMORY.for_device(a_device("edge-2")) == Remembered()
    assert MEMORY.for_device(a_device("edge-2", macs=[])) == Remembered()


def test_a_request_was_decided_once_it_was_asked_for_whatever_came_of_it() -> None:
    assert all(PAST.was_decided(f"{number}/own") for number in (1, 2, 3, 4))
    assert not PAST.was_decided("5/own")


def test_an_enrollment_is_tried_on_no_request() -> None:
    assert (ActionKind.ENROLL, "") == ENROLLMENT


def test_an_approval_is_that_of_the_enrollment_whose_request_was_approved() -> None:
    assert PAST.approved_by("own")
    assert not PAST.approved_by("shared")
    assert not Remembered(rejected=frozenset({"1/own"})).approved_by("own")


def test_a_refusal_is_that_of_a_decision_on_that_request() -> None:
    retried = Remembered(refused={(ActionKind.RETRY, "1/own"): "not now"})
    rejected = Remembered(refused={(ActionKind.REJECT, "1/own"): "no"})

    assert PAST.refusal("3/own") == "no licence"
    assert rejected.refusal("1/own") == "no"
    assert (PAST.refusal("1/own"), retried.refusal("1/own")) == (None, None)


def test_what_was_lost_was_decided() -> None:
    assert Remembered(lost={"1/own": "409 Conflict"}).was_decided("1/own")


def test_nothing_is_remembered_of_what_was_never_done() -> None:
    assert Remembered() == Remembered(
        enrollments=(),
        approved=frozenset(),
        rejected=frozenset(),
        pending=frozenset(),
        refused={},
        lost={},
        lost_before=frozenset(),
        enrolled=0,
        retries=0,
        retried_at=None,
        confirmed_as=None,
    )
