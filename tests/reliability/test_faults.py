"""Whatever a system answers, or does not: every device converges or is named truly."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from fleet.state.device_state import State
from ledger.session import open_ledger
from tasks.runtime.clock import utc_now
from tests.reliability.amount import IS_WHOLE, SEED
from tests.reliability.audit import unfinished, violations
from tests.reliability.clock import Clock
from tests.reliability.faults import FAULTS, Faulty
from tests.reliability.machine import LEASE, Machine
from tests.reliability.plant import Plant, switches
from tests.reliability.scenes import roster, set_up

TWO_HUNDRED = roster(lem=120, cameras=40, gateways=39)
FORTY = roster(lem=20, cameras=10, gateways=9)
RUNS = 12  # that are made at most while faults last
SEEDS = range(SEED, SEED + (5 if IS_WHOLE else 1))
HOUR = timedelta(hours=1)


class Trial:
    """Runs of one roster over a network that fails, until it is repaired."""

    def __init__(self, wanted, share, seed, ahead=timedelta()):
        self.wanted = wanted
        self.plant = Plant(switches(start=utc_now() + ahead))
        self.clock = Clock(self.plant)
        self.network = Faulty(self.plant.transport, share, f"{seed} {share}")
        self.wrong = []
        self.runs = 0

    async def run(self):
        """All of it; how the last run ended."""
        fails = {each.name: "fails-once" for each in self.wanted["lem"][::10]}
        await set_up(self.plant, self.wanted, **fails)
        ended = await self._run()
        while self.runs < RUNS and (ended.troubles or unfinished(ended)):
            ended = await self._run()
        self.network.share = 0
        ended = await self._run()
        self.wrong += [f"in the end: {each}" for each in [*ended.troubles, *unfinished(ended)]]
        return ended

    async def _run(self):
        machine = Machine(self.plant, self.clock, self.network)
        ended = await machine.onboard(self.wanted, f"run {self.runs}")
        found = violations(await self.plant.record(), ended)
        self.wrong += [f"run {self.runs}: {each}" for each in found]
        self.runs += 1
        await self.clock.advance(LEASE)
        return ended


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_two_hundred_mixed_devices_converge_or_are_named_truly(new_ledger, record_property, share):
    wrong, met, lost, runs = [], 0, 0, 0
    for seed in SEEDS:
        new_ledger()
        trial = Trial(TWO_HUNDRED, share, seed)
        ended = asyncio.run(trial.run())
        wrong += [f"seed {seed}, {each}" for each in trial.wrong]
        met += trial.network.met.total()
        lost += sum(each.state is State.KEY_LOST for each in ended.statuses.values())
        runs += trial.runs

    record_property("devices", 200 * len(SEEDS))
    record_property("runs", runs)
    record_property("faults", met)
    record_property("keys lost, each told", lost)
    assert wrong == []
    assert met > 0


@pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["an hour ahead", "an hour behind"])
def test_devices_converge_when_the_clock_of_their_systems_is_off(new_ledger, ahead):
    new_ledger()
    trial = Trial(FORTY, 0.05, SEED, ahead)

    ended = asyncio.run(trial.run())

    assert trial.wrong == []
    assert len(ended.statuses) == 40


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_is_survived(new_ledger, fault):
    new_ledger()
    trial = Trial(FORTY, 0.1, SEED)
    trial.network.kinds = [fault]

    asyncio.run(trial.run())

    assert trial.wrong == []
    assert trial.network.met.total() > 0


class Down(httpx.AsyncBaseTransport):
    """A network on which one system cannot be reached for ten minutes, from its `after`th call."""

    def __init__(self, inner, connection, clock, after):
        self._inner, self._path, self._clock = inner, PATHS[connection], clock
        self._after, self.until = after, None

    async def handle_async_request(self, request):
        if request.url.path.startswith(self._path):
            self._after -= 1
            if self._after < 0 and self.until is None:
                self.until = self._clock.now() + timedelta(minutes=10)
            if self.until and self._clock.now() < self.until:
                raise httpx.ConnectError("it is down", request=request)
        return await self._inner.handle_async_request(request)


PATHS = {"lem": "/api/v1", "acusight": "/acusight", "provision-api": "/provision"}


@pytest.mark.parametrize("after", [0, 4], ids=["from the start", "in the middle"])
@pytest.mark.parametrize("connection", PATHS)
def test_a_system_that_is_down_for_ten_minutes_pauses_its_own_devices_only(
    new_ledger, connection, after
):
    new_ledger()
    trial = Trial(FORTY, 0, SEED)
    trial.network = down = Down(trial.plant.transport, connection, trial.clock, after)

    ended = asyncio.run(trial.run())

    with open_ledger() as ledger:
        done = {each.device.name: each for each in ledger.devices.remembered()}
    late = {name for name, each in done.items() if each.changed_at >= down.until}
    others = {name for name, each in ended.connections.items() if each != connection}
    assert trial.wrong == []
    assert late
    assert not late & others
