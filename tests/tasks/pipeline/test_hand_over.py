"""Only what works now is there to be handed over, and it says where it is used."""

import asyncio

import httpx
import pytest

from fleet.device.device import Device
from fleet.device.handover import to_hand_over
from fleet.device.secret import SecretKind
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from ledger.session import open_ledger
from ledger.state.claims import Claim
from tasks.device.hand_over import Handed, conclude
from tasks.runtime.connection_run import utc_now
from tests.tasks.pipeline.unserved import SITE

GATEWAY = Device(name="gw-1")
SCOPE = "provision_api tenant tenant-a"
BY_ITSELF = {"self_activating": frozenset({"gw-1"})}


def offered():
    with open_ledger() as ledger:
        return [each.secret for each in to_hand_over(ledger.secrets.held(SITE), utc_now())]


def kinds():
    return [each.kind for each in offered()]


def onboarded(gateways, **wishes):
    (status,) = asyncio.run(gateways.onboard(GATEWAY, **wishes)).statuses
    return status.state


def activate(code):
    device = {"tenant_id": "tenant-a", "device_id": "gw-1"}
    sent = device | {"activation_code": code.value.get_secret_value()}
    return httpx.post(code.endpoint, json=sent).status_code


@pytest.fixture
def code(gateways):
    """The code of a gateway that activates itself."""
    assert onboarded(gateways, **BY_ITSELF) is State.WAITING
    (code,) = offered()
    return code


def test_a_code_that_works_names_where_the_device_activates_itself(code):
    assert code.kind is SecretKind.ACTIVATION_CODE
    assert activate(code) == 200


def test_no_secret_is_handed_over_of_a_device_in_whose_name_another_machine_is_admitted(gateways):
    assert onboarded(gateways) is State.IN_SERVICE
    assert kinds() == [SecretKind.PROVISION_TOKEN]
    reason = "its host id is deadbeefdead"
    mismatch = ReasonCode.IDENTITY_MISMATCH
    status = DeviceStatus(GATEWAY, State.IDENTITY_MISMATCH, mismatch, reason)
    with open_ledger() as ledger:
        ledger.devices.save(Claim(SITE, SCOPE), Assessment((status,), ()), utc_now())
        withheld = tuple(ledger.devices.named(SITE, State.IDENTITY_MISMATCH))

    assert kinds() == []
    assert withheld == ("gw-1",)
    said = conclude(SITE, "Anna", False, Handed(0, 0, 0, withheld=withheld)).message
    assert "another machine is admitted: gw-1." in said


def test_the_code_of_a_retired_device_is_not_handed_over(code):
    status = DeviceStatus(GATEWAY, State.RETIRED, ReasonCode.RETIRED, "retired")
    with open_ledger() as ledger:
        ledger.devices.save(Claim(SITE, SCOPE), Assessment((status,), ()), utc_now())

    assert kinds() == []


@pytest.mark.heavy
def test_the_code_of_a_device_that_somebody_revoked_is_not_handed_over(simulator, gateways, code):
    simulator.control("provision_api/revoke", device_id="gw-1")
    asyncio.run(gateways.night())

    assert kinds() == []


@pytest.mark.heavy
def test_a_code_that_its_device_has_spent_is_not_handed_over(gateways, code):
    activate(code)
    asyncio.run(gateways.night())

    assert kinds() == []


@pytest.mark.heavy
def test_the_spent_code_of_a_device_whose_key_was_lost_is_not_handed_over(simulator, gateways):
    simulator.control("faults", method="POST", path="activate$", kind="lost-reply", times=1)

    assert onboarded(gateways) is State.KEY_LOST
    assert kinds() == []


@pytest.mark.heavy
def test_a_code_whose_exchange_was_not_answered_is_not_handed_over(simulator, gateways):
    simulator.control("faults", method="POST", path="activate$", kind="lost-reply", times=1)
    asyncio.run(gateways.onboard(GATEWAY, rounds=2))

    assert kinds() == []


@pytest.mark.heavy
def test_the_token_of_a_revoked_device_is_not_handed_over(simulator, gateways):
    onboarded(gateways)
    before = kinds()
    simulator.control("provision_api/revoke", device_id="gw-1")
    asyncio.run(gateways.night())

    assert (before, kinds()) == ([SecretKind.PROVISION_TOKEN], [])


def test_a_token_that_was_made_for_devices_says_where_it_is_used_until_it_is_revoked(cameras):
    async def issued(system):
        return await system.issue("line 7", None, False)

    token, secret = asyncio.run(cameras.ask(issued))
    scope = "Acusight organization acusight"
    with open_ledger() as ledger:
        ledger.secrets.keep(Claim(SITE, scope), [secret], utc_now())
        (found,) = offered()
        ledger.secrets.revoke("another scope", [token.id], utc_now())
        still = kinds()
        ledger.secrets.revoke(scope, [token.id], utc_now())

    info = {"token": found.value.get_secret_value(), "device_info": {"device_id": "AB:12"}}
    assert httpx.post(found.endpoint, json=info).status_code == 201
    assert (still, kinds()) == ([SecretKind.ISSUED_TOKEN], [])
