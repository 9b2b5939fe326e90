"""Device records: which devices are to be in service, and which may still come into it."""

import pytest

from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from tests.fleet.builders import NOW, a_device

FINAL = {
    State.HELD,
    State.FAILED,
    State.IDENTITY_MISMATCH,
    State.KEY_LOST,
    State.REJECTED,
    State.RETIRED,
    State.IN_SERVICE,
}


def record(state: State, *, is_listed: bool = True) -> DeviceRecord:
    return DeviceRecord("plant-7", "lem", "lem", a_device(), state, is_listed, None, NOW)


@pytest.mark.parametrize("state", State)
def test_a_listed_device_is_to_be_in_service_unless_it_was_retired(state: State) -> None:
    assert record(state).is_managed is (state is not State.RETIRED)


@pytest.mark.parametrize("state", State)
def test_a_listed_device_may_still_come_into_service_unless_its_state_is_final(
    state: State,
) -> None:
    assert record(state).is_on_its_way is (state not in FINAL)


@pytest.mark.parametrize("state", State)
def test_a_device_that_no_roster_lists_is_neither(state: State) -> None:
    unlisted = record(state, is_listed=False)

    assert (unlisted.is_managed, unlisted.is_on_its_way) == (False, False)


def test_a_device_is_ordered_neither_by_people_nor_to_activate_itself_unless_that_is_said() -> None:
    plain = record(State.WAITING)

    assert (plain.is_by_people, plain.activates_itself) == (False, False)
