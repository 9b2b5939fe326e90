"""A lost key stays lost, and is reported, until a person runs again; no night asks for it again."""

import asyncio

import pytest

from fleet.device.device import Device
from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from tests.flows.site import posts
from tests.tasks.pipeline.unserved import Unserved

CAMERA = Device(name="cam-1", host_id="AB12:CD34")
GATEWAY = Device(name="gw-1")


def onboarded(system: Unserved, device: Device) -> State:
    (status,) = asyncio.run(system.onboard(device)).statuses
    return status.state


def night(system: Unserved) -> tuple[list[FindingKind], State]:
    findings, (status,) = asyncio.run(system.night())
    return [finding.kind for finding in findings], status.state


@pytest.fixture
def lost(simulator, cameras) -> Unserved:
    """A camera whose key was lost with the answer."""
    simulator.control(
        "faults", method="POST", path="/devices/provision$", kind="lost-reply", times=1
    )
    assert onboarded(cameras, CAMERA) is State.KEY_LOST
    simulator.clear("calls")
    return cameras


def test_nights_report_a_lost_key_and_ask_for_it_no_more(simulator, lost):
    nights = [night(lost) for _ in range(3)]

    assert nights == [([FindingKind.LOST], State.KEY_LOST)] * 3
    assert posts(simulator) == {}


@pytest.mark.heavy
def test_a_key_stays_lost_when_the_token_that_it_was_lost_by_is_good_no_more(simulator, lost):
    (token,) = simulator.control("acusight/state")["tokens"]
    asyncio.run(lost.ask(lambda system: system.revoke_token(token["id"])))
    simulator.clear("calls")

    assert night(lost) == ([FindingKind.LOST], State.KEY_LOST)
    assert posts(simulator) == {}


@pytest.mark.heavy
def test_a_person_s_run_tries_again_and_a_found_key_is_lost_no_more(simulator, lost):
    still = onboarded(lost, CAMERA)
    simulator.control("acusight/delete-device", device_id=CAMERA.host_id)

    assert (still, onboarded(lost, CAMERA)) == (State.KEY_LOST, State.IN_SERVICE)
    assert night(lost) == ([], State.IN_SERVICE)


@pytest.mark.heavy
def test_a_key_that_a_gateway_lost_stays_lost_for_nights_and_runs(simulator, gateways):
    simulator.control("faults", method="POST", path="activate$", kind="lost-reply", times=1)
    first = onboarded(gateways, GATEWAY)
    simulator.clear("calls")

    assert (first, night(gateways), onboarded(gateways, GATEWAY)) == (
        State.KEY_LOST,
        ([FindingKind.LOST], State.KEY_LOST),
        State.KEY_LOST,
    )
    assert posts(simulator) == {}
