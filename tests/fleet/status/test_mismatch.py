"""A machine that is admitted in a device's name is compared with its line and with the record."""

import pytest

from fleet.action.action import Confirm
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Progress
from fleet.state.admitted import Admitted, seen_in_service
from fleet.state.device_state import State
from fleet.state.memory import Memory, Remembered
from fleet.state.reason_code import ReasonCode
from tests.fleet.builders import (
    CODE,
    a_device,
    a_request,
    an_own_enrollment_record,
    assessed,
    enrolled,
    mac,
    shown,
    status_of,
    wanted,
)

HOST, OTHER = "43e210471948", "deadbeefdead"
DEVICE = a_device(host_id=HOST)
KEY = f"1/{CODE}"
THEN = Admitted(KEY, Identity(HOST, frozenset({mac(1)})), "d1")


def serving(id_="1", **more):
    own = {"host_id": HOST, "progress": Progress.PROVISIONED, "device_id": f"d{id_}"}
    return a_request(id_, **(own | more))


def of(*requests, device=DEVICE, present=("d1", "d2"), **past):
    memory = Memory({device.name: enrolled(**past)})
    return status_of(device, shown(*requests, present=present), memory)


def is_other(status):
    assert status.action is None or status.state is not State.IDENTITY_MISMATCH
    return status.state is State.IDENTITY_MISMATCH


@pytest.mark.parametrize("progress", [Progress.PROVISIONING, Progress.FAILED, Progress.PROVISIONED])
def test_whoever_is_admitted_with_another_host_id_is_another_machine(progress):
    status = of(serving(host_id=OTHER, progress=progress))

    assert is_other(status)
    assert (status.code, status.needs_enrollment) == (ReasonCode.IDENTITY_MISMATCH, False)
    assert HOST in status.reason
    assert OTHER in status.reason


def test_whoever_shows_only_other_macs_is_another_machine():
    assert is_other(of(serving(macs=[mac(7)])))


@pytest.mark.parametrize("facts", [{"host_id": None}, {"macs": ()}, {"macs": [mac(1), mac(9)]}])
def test_what_is_not_shown_and_what_is_shown_besides_proves_nothing(facts):
    status = of(serving(**facts))

    assert status.state is State.IN_SERVICE
    assert isinstance(status.action, Confirm)


def test_what_its_line_does_not_say_is_compared_with_what_it_showed_when_admitted():
    by_mac = a_device()

    assert of(serving(host_id=OTHER), device=by_mac).state is State.IN_SERVICE
    assert is_other(of(serving(host_id=OTHER), device=by_mac, admitted=THEN))


def test_a_line_that_was_corrected_since_is_the_newer_word():
    device = a_device(host_id=OTHER)

    assert of(serving(host_id=OTHER), device=device, admitted=THEN).state is State.IN_SERVICE
    assert is_other(of(serving(), device=device, admitted=THEN))


def test_another_id_in_the_system_behind_the_same_request_is_another_machine():
    assert is_other(of(serving(device_id="d2"), admitted=THEN))
    assert of(serving("2"), admitted=THEN).state is State.IN_SERVICE  # it asked anew


def test_another_code_behind_the_same_request_is_another_machine():
    assert is_other(of(serving(code="config-2"), admitted=THEN))
    assert of(serving(code=""), admitted=THEN).state is State.IN_SERVICE  # not shown
    registered_again = serving(code="config-2", device="edge-1")
    assert of(registered_again, admitted=THEN).state is State.IN_SERVICE


def test_a_request_that_shows_nobody_s_identity_is_still_the_device_s_by_the_record():
    other = serving(host_id=OTHER, macs=[mac(66)])

    assert is_other(of(other, admitted=THEN))
    assert is_other(of(other, approved=frozenset({KEY})))
    assert is_other(of(other, confirmed_as="d1"))
    assert not is_other(of(other))


def test_a_request_that_shows_a_neighbor_s_identity_is_neither_of_the_two():
    neighbor = Device(name="edge-2", host_id=OTHER, macs=(mac(2),))
    memory = Memory({"edge-1": enrolled(admitted=THEN), "edge-2": enrolled()})
    observed = shown(serving(host_id=OTHER, macs=[mac(2)]), present=["d1"])

    found = assessed(wanted(DEVICE, neighbor), observed, memory)

    assert [status.state for status in found.statuses] == [State.IDENTITY_MISMATCH] * 2


def test_a_device_that_the_roster_calls_otherwise_now_is_that_device():
    renamed = Device(name="edge-9", host_id=HOST, macs=(mac(1),))
    memory = Memory({"edge-1": enrolled(admitted=THEN), "edge-9": enrolled()})

    (status,) = assessed(wanted(renamed), shown(serving(), present=["d1"]), memory).statuses

    assert status.state is State.IN_SERVICE


def test_a_code_of_its_own_does_not_make_another_machine_the_device():
    device = Device(name="edge-1")
    memory = Memory({"edge-1": Remembered((an_own_enrollment_record(),), admitted=THEN)})
    observed = shown(serving(host_id=OTHER), present=["d1"])

    assert is_other(status_of(device, observed, memory))


def test_beside_the_genuine_device_another_machine_in_service_is_found_all_the_same():
    status = of(serving(), serving("2", host_id=OTHER))

    assert is_other(status)
    assert status.request is not None
    assert status.request.id == "2"


def test_a_machine_that_was_in_service_before_the_device_is_history():
    old = serving("2", host_id=OTHER)

    assert of(serving(), old, present=["d1"]).state is State.IN_SERVICE


def test_the_genuine_device_waits_until_the_other_machine_is_deleted():
    asking = a_request("3", host_id=HOST)

    status = of(serving(host_id=OTHER), asking)

    assert is_other(status)
    assert [(hold.request.id, hold.code) for hold in status.holds] == [("3", ReasonCode.SECOND)]


def test_what_was_known_of_a_device_stays_known_when_it_shows_less():
    line = Identity(None, frozenset({mac(1)}))
    less = serving(host_id=None, macs=[mac(1), mac(5)])

    assert seen_in_service(THEN, line, less) == THEN
    assert seen_in_service(None, line, less) == Admitted(KEY, less.identity, "d1")
    changed = Identity(OTHER, frozenset({mac(1)}))
    assert seen_in_service(THEN, changed, less) == Admitted(KEY, less.identity, "d1")


def test_a_request_that_changed_while_it_was_being_approved_is_held():
    asking = a_request("1", host_id=OTHER)

    status = of(asking, device=a_device(), admitted=THEN)

    assert (status.state, status.code) == (State.HELD, ReasonCode.CHANGED)
    same = of(a_request("1", host_id=HOST, version="3.5.5"), device=a_device(), admitted=THEN)
    assert same.code is ReasonCode.EXACT_MATCH
