"""A machine gets into service in a device's name, or takes the place of one that is in service."""

import pytest

from fleet.device.device import Device
from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from tests.attacks.plant import EDGE_1, EDGE_2
from tests.laws import one_in

EVIL = "deadbeefdead"
ZERO_TOUCH = Device(name="edge-001", host_id=EDGE_1.host_id, macs=EDGE_1.macs, zero_touch="line-a")
BY_MAC = Device(name="edge-001", macs=EDGE_1.macs)
CODE_ONLY = Device(name="edge-001")


def mismatched(plant, *roster):
    """The devices in whose names another machine is admitted, by a run and by the next night."""
    found = plant.onboard(*roster)
    names = {name for name, status in found.items() if status.state is State.IDENTITY_MISMATCH}
    night = {f.subject for f in plant.night() if f.kind is FindingKind.IDENTITY_MISMATCH}
    assert names == night
    return names


def in_service(plant, *roster, **more):
    """The plant, once edge-001 is in service."""
    plant.onboard(*roster)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs, **more)
    assert plant.onboard(*roster)["edge-001"].state is State.IN_SERVICE
    return plant


def test_a_sniffed_mac_on_a_zero_touch_image_gets_into_lem_and_is_never_in_service(plant):
    plant.make_profile("line-a")
    plant.power_on("evil", EVIL, *EDGE_1.macs, behavior="zero-touch")

    status = plant.onboard(ZERO_TOUCH)["edge-001"]

    assert plant.admitted == {EVIL}
    assert (status.state, status.action) == (State.IDENTITY_MISMATCH, None)
    assert EVIL in status.reason
    assert EDGE_1.host_id in status.reason
    assert mismatched(plant, ZERO_TOUCH) == {"edge-001"}


@pytest.mark.heavy
def test_the_genuine_device_comes_in_once_the_intruder_is_deleted_in_lem(plant):
    plant.make_profile("line-a")
    plant.power_on("evil", EVIL, *EDGE_1.macs, behavior="zero-touch")
    plant.onboard(ZERO_TOUCH)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs, behavior="zero-touch")
    assert mismatched(plant, ZERO_TOUCH) == {"edge-001"}

    plant.remove(EVIL)

    assert plant.onboard(ZERO_TOUCH)["edge-001"].state is State.IN_SERVICE


@pytest.mark.parametrize(
    "device", one_in(2, [EDGE_1, BY_MAC]), ids=["host id and MAC", "MAC alone"]
)
def test_a_machine_that_takes_over_a_request_before_its_approval_is_not_approved(plant, device):
    plant.onboard(device)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs, behavior="swapped-once-listed")

    status = plant.onboard(device)["edge-001"]

    assert (plant.approvals, plant.admitted) == (0, set())
    assert status.state is State.HELD
    assert status.code is ReasonCode.CHANGED


@pytest.mark.parametrize(
    "device", one_in(2, [EDGE_1, BY_MAC]), ids=["host id and MAC", "MAC alone"]
)
def test_a_machine_that_takes_over_a_request_as_it_is_approved_is_found_at_once(plant, device):
    plant.onboard(device)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs, behavior="swapped-once-approved")

    status = plant.onboard(device)["edge-001"]

    assert plant.approvals == 1
    assert status.state is State.IDENTITY_MISMATCH
    assert mismatched(plant, device) == {"edge-001"}


@pytest.mark.heavy
def test_a_night_that_approves_lists_once_more_and_finds_it_too(plant):
    plant.onboard(EDGE_1)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs, behavior="swapped-once-approved")

    (found,) = plant.night()

    assert plant.approvals == 1
    assert (found.kind, found.subject) == (FindingKind.IDENTITY_MISMATCH, "edge-001")


@pytest.mark.parametrize(
    "device", one_in(2, [EDGE_1, BY_MAC]), ids=["host id and MAC", "MAC alone"]
)
def test_a_machine_that_takes_the_place_of_a_device_in_service_is_found(plant, device):
    in_service(plant, device, EDGE_2).swap(EDGE_1.host_id, shows=EVIL)

    assert mismatched(plant, device, EDGE_2) == {"edge-001"}


@pytest.mark.heavy
def test_so_it_is_where_a_code_of_its_own_is_all_that_the_roster_knows_of_a_device(plant):
    in_service(plant, CODE_ONLY, own_code=True).swap(EDGE_1.host_id, shows=EVIL)

    assert mismatched(plant, CODE_ONLY) == {"edge-001"}


@pytest.mark.heavy
def test_a_machine_that_changes_all_that_it_shows_is_still_known_by_the_record(plant):
    in_service(plant, EDGE_1, EDGE_2).swap(EDGE_1.host_id, shows=EVIL, macs=["02:66:66:66:66:66"])

    assert mismatched(plant, EDGE_1, EDGE_2) == {"edge-001"}


@pytest.mark.heavy
def test_a_machine_in_service_that_says_it_is_the_neighbor_is_neither_of_the_two(plant):
    in_service(plant, EDGE_1, EDGE_2).swap(EDGE_1.host_id, shows=EDGE_2.host_id, macs=EDGE_2.macs)

    assert mismatched(plant, EDGE_1, EDGE_2) == {"edge-001", "edge-002"}


@pytest.mark.heavy
def test_a_device_whose_line_says_what_it_shows_now_is_itself_again(plant):
    in_service(plant, EDGE_1, EDGE_2).swap(EDGE_1.host_id, shows=EVIL)
    assert mismatched(plant, EDGE_1, EDGE_2) == {"edge-001"}
    corrected = Device(name="edge-001", host_id=EVIL, macs=EDGE_1.macs)

    assert plant.onboard(corrected, EDGE_2)["edge-001"].state is State.IN_SERVICE
    assert mismatched(plant, corrected, EDGE_2) == set()


@pytest.mark.heavy
def test_two_lines_that_were_mixed_up_are_corrected_in_the_roster_alone(plant):
    mixed_up = [
        Device(name="edge-001", host_id=EDGE_2.host_id, macs=EDGE_2.macs),
        Device(name="edge-002", host_id=EDGE_1.host_id, macs=EDGE_1.macs),
    ]
    plant.onboard(*mixed_up)
    for name, device in (("a", EDGE_1), ("b", EDGE_2)):
        plant.power_on(name, device.host_id, *device.macs)
    assert mismatched(plant, *mixed_up) == set()

    found = plant.onboard(EDGE_1, EDGE_2)

    assert {status.state for status in found.values()} == {State.IN_SERVICE}
    assert mismatched(plant, EDGE_1, EDGE_2) == set()
