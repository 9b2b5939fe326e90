"""A ledger that is older than the systems: what it lacks is taken from there, or told."""

import asyncio

import pytest

from fleet.device.device import Device
from fleet.device.handover import to_hand_over
from fleet.nightly.catalog import FindingKind
from fleet.state.reason_code import ReasonCode
from ledger.backup.backup import back_up
from ledger.backup.restore import restore
from ledger.session import open_ledger
from ledger.state.claims import Claim
from tasks.device.hand_over import Handed, conclude
from tasks.runtime.connection_run import utc_now
from tests.tasks.pipeline.unserved import SITE

OLD, ROTATED, NEW = (Device(name=f"gw-{n}") for n in (1, 2, 3))
SCOPE = "provision_api tenant tenant-a"


def onboarded(gateways, *devices):
    statuses = asyncio.run(gateways.onboard(*devices)).statuses
    return {status.device.name: status.code for status in statuses}


def rotate(gateways, device):
    async def rotated(system):
        return await system.rotate(SITE, device)

    secret = asyncio.run(gateways.ask(rotated))
    with open_ledger() as ledger:
        ledger.secrets.keep(Claim(SITE, SCOPE), [secret], utc_now())


def found(gateways):
    findings, _ = asyncio.run(gateways.night())
    return {each.subject: each.kind for each in findings}


def offered():
    with open_ledger() as ledger:
        held = to_hand_over(ledger.secrets.held(SITE), utc_now())
        return {each.secret.device: bool(each.secret.may_be_replaced) for each in held}


def lacking():
    with open_ledger() as ledger:
        return ledger.secrets.devices_without_key(SITE)


@pytest.fixture
def backup(gateways, ledger_url, tmp_path):
    """A backup from before one token was rotated and one gateway came."""
    onboarded(gateways, OLD, ROTATED)
    file = tmp_path / "backup"
    back_up(ledger_url, file, utc_now())
    rotate(gateways, ROTATED)
    assert onboarded(gateways, OLD, ROTATED, NEW) == dict.fromkeys(
        ("gw-1", "gw-2", "gw-3"), ReasonCode.IN_SERVICE
    )
    assert (offered(), lacking()) == (dict.fromkeys(("gw-1", "gw-2", "gw-3"), False), [])
    return file


@pytest.mark.heavy
def test_a_key_that_may_be_dead_or_is_not_held_is_reported(simulator, gateways, ledger_url, backup):
    registered = simulator.control("calls")["registrations"]
    restore(ledger_url, backup, utc_now())

    assert found(gateways) == {
        "gw-1": FindingKind.KEY_NOT_HELD,
        "gw-2": FindingKind.KEY_NOT_HELD,
    }
    assert onboarded(gateways, OLD, ROTATED, NEW) == {
        "gw-1": ReasonCode.KEY_MAY_BE_REPLACED,
        "gw-2": ReasonCode.KEY_MAY_BE_REPLACED,
        "gw-3": ReasonCode.KEY_NOT_HELD,
    }
    assert found(gateways) == dict.fromkeys(("gw-1", "gw-2", "gw-3"), FindingKind.KEY_NOT_HELD)
    assert (offered(), lacking()) == ({"gw-1": True, "gw-2": True}, ["gw-3"])
    assert simulator.control("calls")["registrations"] == registered


@pytest.mark.heavy
def test_a_key_that_is_replaced_after_that_is_certain(gateways, ledger_url, backup):
    restore(ledger_url, backup, utc_now())
    for each in (ROTATED, NEW):
        rotate(gateways, each)

    codes = onboarded(gateways, OLD, ROTATED, NEW)

    assert codes == {
        "gw-1": ReasonCode.KEY_MAY_BE_REPLACED,
        "gw-2": ReasonCode.IN_SERVICE,
        "gw-3": ReasonCode.IN_SERVICE,
    }
    assert (offered(), lacking()) == ({"gw-1": True, "gw-2": False, "gw-3": False}, [])


@pytest.mark.heavy
def test_keys_that_somebody_trusts_are_certain(gateways, ledger_url, backup):
    restore(ledger_url, backup, utc_now())
    with open_ledger() as ledger:
        assert [ledger.restorations.trust(utc_now()) for _ in range(2)] == [1, 0]

    assert found(gateways) == {}


@pytest.mark.heavy
def test_a_complete_backup_leaves_no_key_uncertain(gateways, ledger_url, tmp_path):
    onboarded(gateways, OLD)
    back_up(ledger_url, tmp_path / "backup", utc_now())

    restore(ledger_url, tmp_path / "backup", utc_now(), is_complete=True)

    assert onboarded(gateways, OLD) == {"gw-1": ReasonCode.IN_SERVICE}
    assert found(gateways) == {}


def test_a_hand_over_names_the_devices_whose_key_is_not_held():
    lacking = tuple(f"gw-{number}" for number in range(1, 13))
    handed = Handed(offered=9, secrets=9, devices=9, lacking=lacking)

    message = conclude(SITE, "Fitter", dry_run=True, handed=handed).message

    assert "The key of 12 devices in service is not held here: gw-1, " in message
    assert message.endswith("gw-10 and 2 more.")
