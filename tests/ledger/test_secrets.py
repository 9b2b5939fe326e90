"""The canary: a run's whole life leaves no activation code in the ledger."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlmodel import SQLModel

from adapters.lem import Lem
from clients.errors import ApiError
from clients.lem import LemClient
from clients.settings import LemSettings
from fleet.action import Confirm, Enrol, Hold
from fleet.assessment import assess
from fleet.policy import Policy
from ledger import grants, journal, progress
from ledger.journal import Outcome, Result
from ledger.recall import recall
from simulator.lem.settings import DEFAULT_TOKEN
from simulator.running import RunningSimulator
from simulator.settings import LemSettings as LemSwitches
from simulator.settings import SimulatorSettings
from tests.fleet.builders import NOW, a_device, wanted
from tests.ledger.running import after, approve, begun

EXPIRY = datetime(2999, 3, 9, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def simulator():
    switches = LemSwitches(seconds_per_step=0)
    with RunningSimulator(SimulatorSettings(speed=0, lem=switches)) as simulator:
        yield simulator


def everything(url, engine):
    """All bytes of a ledger, as it lies there while it is open."""
    if engine.dialect.name == "sqlite":
        file = Path(make_url(url).database)
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    with engine.connect() as connection:
        rows = [
            row
            for table in SQLModel.metadata.tables
            for row in connection.scalars(text(f'SELECT t::text FROM "{table}" t'))
        ]
    return "\n".join(rows).encode()


async def lived(simulator, engine):
    """One device from enrolment to service, one held, one act refused; the codes of it all."""
    device = a_device("edge-1", macs=["02:00:00:00:00:01"])
    settings = LemSettings(_env_file=None, url=simulator.url, token=DEFAULT_TOKEN, verify=False)
    batch = begun(engine, device)
    async with LemClient.connect(settings) as client:
        lem = Lem(client)
        mark = grants.intend_enrolment(engine, batch, Enrol((device,), 5, EXPIRY), NOW)
        grants.settle_enrolment(engine, batch, mark, (await lem.enrol(mark, 5)).id)
        booted = [
            {"name": "edge-1", "macs": list(device.macs)},
            {"name": "edge-2", "behaviour": "fails-always"},
        ]
        simulator.control("lem/boot", devices=booted)
        for request in (await lem.observe(True)).requests:
            (intent,) = journal.intend(engine, batch, [approve(int(request.id), device)], NOW)
            await lem.approve(request)
            journal.settle(engine, {intent: Result(Outcome.DONE)}, NOW)
        observed = await lem.observe(True)
        memory = recall(engine, batch)
        assessment = assess(wanted(device), observed, memory, Policy(), after(9))
        progress.save(engine, batch, assessment, after(9))
        progress.hold(engine, batch, [Hold(r, r.message) for r in observed.requests], after(9))
        journal.confirm(engine, batch, [Confirm(device, observed.requests[0])], after(9))
        (intent,) = journal.intend(engine, batch, [approve(99)], after(9))
        with pytest.raises(ApiError) as refusal:
            await lem.approve(approve(99).request)
        result = Result(Outcome.REFUSED, str(refusal.value))
        journal.settle(engine, {intent: result}, after(9))
        return [config.code.get_secret_value() for config in await client.configs()]


def test_no_code_and_no_token_is_anywhere_in_the_ledger(simulator, url, engine):
    codes = asyncio.run(lived(simulator, engine))

    written = everything(url, engine)
    assert codes
    assert b"in service" in written
    assert b"No license" in written or b"License server did not answer" in written
    assert not [secret for secret in (*codes, DEFAULT_TOKEN) if secret.encode() in written]
