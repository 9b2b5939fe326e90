"""A ledger that is older than the systems: what is there is taken, nothing is done twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from ledger.backup.backup import back_up
from ledger.backup.restore import restore
from ledger.database.settings import LedgerSettings
from tests.reliability.clock import Clock
from tests.reliability.machine import LEASE, Machine
from tests.reliability.plant import Plant
from tests.reliability.scenes import roster, set_up

FEW, MANY = roster(2, 2, 2), roster(4, 4, 4)
LATER = {kind: [d for d in devices if d not in FEW[kind]] for kind, devices in MANY.items()}
ONCE = ("configs_added", "approvals", "provisions", "activations", "registrations")


async def play(folder: Path):
    """Two of each come, then a backup, then two more of each, then the backup is restored."""
    plant = Plant()
    clock = Clock(plant)
    machine = Machine(plant, clock)
    await set_up(plant, FEW)
    await machine.onboard(FEW)
    url, file = LedgerSettings().url, folder / "backup"
    back_up(url, file, clock.now())
    await plant.boot(LATER["lem"])
    before = await machine.onboard(MANY)
    record = await plant.record()
    await clock.advance(timedelta(minutes=5))
    restore(url, file, clock.now())
    after = await machine.onboard(MANY)
    return before, record, after, await plant.record(), await machine.night()


def test_nothing_is_done_twice_and_every_key_that_is_not_held_is_named(new_ledger, folder):
    new_ledger()

    before, record, after, again, night = asyncio.run(play(folder))

    stood = {name: status.state for name, status in before.statuses.items()}
    assert stood == dict.fromkeys(stood, State.IN_SERVICE) | {"gw-old": State.HELD}
    assert {what: again.calls[what] for what in ONCE} == {what: record.calls[what] for what in ONCE}
    lost = {"cam-3": State.KEY_LOST, "cam-4": State.KEY_LOST}
    assert {name: status.state for name, status in after.statuses.items()} == stood | lost
    codes = {name: status.code for name, status in after.statuses.items() if "gw-" in name}
    assert codes == {
        "gw-1": ReasonCode.KEY_MAY_BE_REPLACED,
        "gw-2": ReasonCode.KEY_MAY_BE_REPLACED,
        "gw-3": ReasonCode.KEY_NOT_HELD,
        "gw-4": ReasonCode.KEY_NOT_HELD,
        "gw-old": ReasonCode.DEACTIVATED,
    }
    found = {each.subject: each.kind for each in night.findings}
    named = dict.fromkeys(("gw-1", "gw-2", "gw-3", "gw-4"), FindingKind.KEY_NOT_HELD)
    named |= dict.fromkeys(lost, FindingKind.LOST) | {"gw-old": FindingKind.HELD}
    assert found == named


def test_a_config_that_the_ledger_forgot_is_used_and_not_made_again(new_ledger, folder):
    async def forgotten():
        plant = Plant()
        clock = Clock(plant)
        machine = Machine(plant, clock)
        devices = {"lem": MANY["lem"]}
        url, file = LedgerSettings().url, folder / "backup"
        back_up(url, file, clock.now())
        waiting = await machine.onboard(devices)
        restore(url, file, clock.now() + LEASE)
        await plant.boot(MANY["lem"])
        ended = await machine.onboard(devices)
        return waiting, ended, await plant.record()

    new_ledger()

    waiting, ended, record = asyncio.run(forgotten())

    assert {status.code for status in waiting.statuses.values()} == {ReasonCode.NOT_ASKED}
    assert {status.state for status in ended.statuses.values()} == {State.IN_SERVICE}
    assert record.calls["configs_added"] == 1
