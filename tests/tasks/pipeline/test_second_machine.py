"""A second machine with another key is refused before it exchanges anything."""

import asyncio

import pytest
from cryptography.fernet import Fernet

from fleet.device.device import Device
from ledger.database.engine import LedgerUnusable
from ledger.session import open_ledger
from tasks.runtime.connection_run import ConnectionRun, claimed
from tests.fleet.builders import wanted
from tests.flows.site import posts
from tests.tasks.pipeline.unserved import BY, LEASE, SITE


async def at_work(gateways, name, meanwhile=None):
    """A run over one gateway; `meanwhile` is done while it is at work."""
    gateway = Device(name=name)
    async with gateways.connect() as system:
        with open_ledger() as ledger:
            desired = wanted(gateway, site=SITE)
            run = ConnectionRun(name, SITE, BY, system, desired, ledger)
            async with claimed(run, LEASE):
                return await meanwhile() if meanwhile else None


def test_a_machine_with_another_key_is_refused_while_the_first_is_at_work(
    simulator, gateways, monkeypatch
):
    async def second():
        monkeypatch.setenv("MUSTER_LEDGER_KEY", Fernet.generate_key().decode())
        with pytest.raises(LedgerUnusable) as refused:
            await at_work(gateways, "gw-2")
        return str(refused.value)

    message = asyncio.run(at_work(gateways, "gw-1", second))

    assert "Set MUSTER_LEDGER_KEY here to the key of the machine" in message
    assert posts(simulator) == {}


def test_a_machine_with_the_same_key_works_beside_it(gateways):
    async def second():
        await at_work(gateways, "gw-2")
        return "both"

    assert asyncio.run(at_work(gateways, "gw-1", second)) == "both"
