"""The key of a device that somebody else activated is taken on an explicit word, or named."""

import asyncio

import httpx
import pytest

from fleet.device.device import Device
from fleet.device.secret import SecretKind
from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from ledger.session import open_ledger
from tests.tasks.pipeline.unserved import SITE

GATEWAY = Device(name="gw-1")


@pytest.fixture
def theirs(simulator) -> None:
    """The gateway, registered and activated by somebody else."""
    device = {"device_id": "gw-1", "site_id": SITE}
    codes = simulator.control("provision_api/register", devices=[device])["codes"]
    sent = {"tenant_id": "tenant-a", "device_id": "gw-1", "activation_code": codes["gw-1"]}
    url = f"{simulator.url}/provision/api/device/activate"
    httpx.post(url, json=sent).raise_for_status()


def onboarded(gateways, **wishes):
    (status,) = asyncio.run(gateways.onboard(GATEWAY, **wishes)).statuses
    return status.state, status.code


def tokens():
    with open_ledger() as ledger:
        held = [each.secret.kind for each in ledger.secrets.held(SITE)]
    return held.count(SecretKind.PROVISION_TOKEN)


def night(gateways):
    findings, (status,) = asyncio.run(gateways.night())
    return [each.kind for each in findings], status.state


def test_a_key_that_is_not_held_is_said_and_found(gateways, theirs):
    stands = onboarded(gateways)

    assert stands == (State.IN_SERVICE, ReasonCode.KEY_NOT_HELD)
    assert night(gateways) == ([FindingKind.KEY_NOT_HELD], State.IN_SERVICE)


@pytest.mark.heavy
def test_register_again_takes_the_key_once(simulator, gateways, theirs):
    stands = onboarded(gateways, register_again=True)

    assert (stands, tokens()) == ((State.IN_SERVICE, ReasonCode.IN_SERVICE), 1)
    assert simulator.control("calls")["registrations"] == {"tenant-a/gw-1": 2}
    assert night(gateways) == ([], State.IN_SERVICE)


@pytest.mark.heavy
def test_register_again_takes_the_key_of_a_device_that_was_revoked_as_well(
    simulator, gateways, theirs
):
    simulator.control("provision_api/revoke", device_id="gw-1")

    stands = onboarded(gateways, register_again=True)

    assert (stands, tokens()) == ((State.IN_SERVICE, ReasonCode.IN_SERVICE), 1)


@pytest.mark.heavy
def test_a_key_that_is_lost_while_it_is_taken_is_lost(simulator, gateways, theirs):
    simulator.control("faults", method="POST", path="activate$", kind="lost-reply", times=1)

    assert onboarded(gateways, register_again=True)[0] is State.KEY_LOST
    assert night(gateways) == ([FindingKind.LOST], State.KEY_LOST)
