from dataclasses import replace

import pytest

from fleet.state.action_kind import ActionKind
from fleet.state.memory import Memory, Remembered
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
