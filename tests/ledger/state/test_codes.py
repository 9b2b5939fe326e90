"""What LEM shows at any time is not kept: a run's whole life leaves no code in the ledger."""

import asyncio
from datetime import UTC, datetime

import pytest

from fleet.action.action import Confirm, Hold
from fleet.device.secret import Keyring
from fleet.planning.assess import assess
from fleet.state.reason_code import ReasonCode
from fleet.status.limits import Limits
from fleet.system.enroll import Enroll
from ledger.state.journal import Outcome, Result
from simulator.lem.settings import DEFAULT_TOKEN
from simulator.running import RunningSimulator
from simulator.settings import LemSettings as LemSwitches
from simulator.settings import SimulatorSettings
from systems.lem.adapter import Lem
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings
from systems.shared.errors import ApiError
from tests.fleet.builders import NOW, a_device, wanted
from tests.ledger.running import SITE, after, approve, begun
from tests.ledger.sealed import everything

EXPIRY = datetime(2999, 3, 9, 12, 30, tzinfo=UTC)
DEVICE = a_device("edge-1", macs=["02:00:00:00:00:01"])


@pytest.fixture(scope="session")
def simulator():
    switches = LemSwitches(seconds_per_step=0)
    with RunningSimulator(SimulatorSettings(speed=0, lem=switches)) as simulator:
        yield simulator


async def lived(simulator, ledger):
    """One device from enrollment to service, one held, one action refused; the codes of it all."""
    settings = LemSettings(_env_file=None, url=simulator.url, token=DEFAULT_TOKEN, verify=False)
    claim, keyring = begun(ledger, DEVICE), Keyring()
    async with LemClient.connect(settings) as client:
        lem = Lem(client, settings)
        enroll = Enroll((DEVICE,), 5, EXPIRY)
        fingerprint = ledger.enrollments.intend(claim, enroll, NOW)
        made = await lem.enroll(SITE, enroll, fingerprint)
        ledger.enrollments.resolve(claim, fingerprint, made.enrollment.id)
        booted = [
            {"name": "edge-1", "macs": list(DEVICE.macs)},
            {"name": "edge-2", "behavior": "fails-always"},
        ]
        simulator.control("lem/boot", devices=booted)
        for request in (await lem.observe(SITE, (DEVICE,), keyring)).requests:
            (intent,) = ledger.journal.intend(claim, [approve(int(request.id), DEVICE)], NOW)
            await lem.admit(DEVICE, request, keyring)
            ledger.journal.resolve({intent: Result(Outcome.DONE)}, NOW)
        observed = await lem.observe(SITE, (DEVICE,), keyring)
        memory = ledger.memory.recall(claim)
        assessment = assess(wanted(DEVICE), observed, memory, Limits(), after(9))
        ledger.devices.save(claim, assessment, after(9))
        ledger.holds.hold(
            claim, [Hold(r, ReasonCode.UNKNOWN, r.message) for r in observed.requests], after(9)
        )
        ledger.devices.confirm(claim, [Confirm(DEVICE, observed.requests[0])], after(9))
        (intent,) = ledger.journal.intend(claim, [approve(99)], after(9))
        with pytest.raises(ApiError) as refusal:
            await lem.admit(DEVICE, approve(99).request, keyring)
        result = Result(Outcome.REFUSED, str(refusal.value))
        ledger.journal.resolve({intent: result}, after(9))
        return [config.code.get_secret_value() for config in await client.configs()]


def test_no_code_and_no_token_is_anywhere_in_the_ledger(simulator, url, engine, ledger):
    codes = asyncio.run(lived(simulator, ledger))

    written = everything(url, engine)
    assert codes
    assert b"in_service" in written
    assert b"No license" in written or b"License server did not answer" in written
    assert not [secret for secret in (*codes, DEFAULT_TOKEN) if secret.encode() in written]
