"""A machine that does not belong asks to be admitted, and shows what it found out about others."""

import pytest

from fleet.device.device import Device
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.text.fault import UnusableRoster
from sheets.read import read_roster
from tests.attacks.plant import EDGE_1, EDGE_2
from tests.laws import one_in

EVIL = "deadbeefdead"
CODE_ONLY = Device(name="edge-009")


@pytest.fixture
def waiting(plant):
    """The plant, whose two devices may come now."""
    plant.onboard(EDGE_1, EDGE_2)
    return plant


def held(plant):
    """The reason for which edge-001 is held, while nobody was admitted and edge-002 is awaited."""
    found = plant.onboard(EDGE_1, EDGE_2)
    assert (plant.approvals, plant.admitted) == (0, set())
    assert (found["edge-001"].state, found["edge-002"].state) == (State.HELD, State.WAITING)
    return found["edge-001"]


def test_a_sniffed_mac_does_not_admit_a_machine_that_has_another_host_id(waiting):
    waiting.power_on("evil", EVIL, *EDGE_1.macs)

    reason = held(waiting).reason

    assert EVIL in reason
    assert EDGE_1.host_id in reason


def test_a_host_id_read_off_a_box_does_not_admit_a_machine_that_has_other_macs(waiting):
    waiting.power_on("evil", EDGE_1.host_id, "02:66:66:66:66:66")

    assert held(waiting).code is ReasonCode.NEW_MACS


def test_a_perfect_copy_holds_itself_and_the_original_whichever_asks_first(waiting):
    waiting.power_on("evil", EDGE_1.host_id, *EDGE_1.macs)
    waiting.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    held(waiting)


@pytest.mark.heavy
def test_a_copy_of_the_mac_alone_holds_the_original_too_for_a_person(waiting):
    waiting.power_on("evil", EVIL, *EDGE_1.macs)
    waiting.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    status = held(waiting)

    assert status.code is ReasonCode.CLONE
    assert len(status.holds) == 2


@pytest.mark.parametrize("mac", ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"])
def test_a_mac_that_every_machine_can_show_is_refused_in_a_roster(mac):
    with pytest.raises(UnusableRoster, match=mac):
        read_roster(f"device,mac\nedge-001,{mac}\n", "plant-20", "lem")


def test_a_machine_on_no_roster_is_held_although_it_has_the_sites_code(waiting):
    waiting.power_on("evil", EVIL, "02:66:66:66:66:66")

    found = waiting.assess(EDGE_1, EDGE_2)

    assert (waiting.approvals, waiting.admitted) == (0, set())
    assert [hold.code for hold in found.holds] == [ReasonCode.UNKNOWN_DEVICE]


@pytest.mark.heavy
def test_a_device_that_uses_a_neighbors_code_is_itself_and_never_the_neighbor(plant):
    roster = (EDGE_1, CODE_ONLY)
    plant.onboard(*roster)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs, own_code=True)  # takes edge-009's

    found = plant.onboard(*roster)

    assert plant.admitted == {EDGE_1.host_id}
    assert found["edge-001"].state is State.IN_SERVICE
    assert found["edge-009"].state is not State.IN_SERVICE


@pytest.mark.parametrize("host_id", one_in(3, ["<b>\u202e</b>\n=1+1", "x" * 200_000, "\x00"]))
def test_what_a_machine_calls_itself_keeps_no_other_device_out(waiting, host_id):
    waiting.power_on("evil", host_id, "02:66:66:66:66:66")
    waiting.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    found = waiting.onboard(EDGE_1, EDGE_2)

    assert waiting.admitted == {EDGE_1.host_id}
    assert found["edge-001"].state is State.IN_SERVICE
