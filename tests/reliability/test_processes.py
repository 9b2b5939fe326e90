"""Real processes, killed and suspended by real signals, at a real simulator."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import aclosing

import pytest

from simulator.running import RunningSimulator
from tests.reliability.amount import sample
from tests.reliability.audit import unfinished, violations
from tests.reliability.clock import PlantClock
from tests.reliability.machine import LEASE, Machine
from tests.reliability.plant import Plant, switches
from tests.reliability.process import started
from tests.reliability.scenes import roster, set_up

THREE = roster()
BOUNDARIES = range(1, 145)


@pytest.fixture
def new_plant(monkeypatch):
    """Starts the three systems as a server, each time anew, with devices that wait there."""
    running = []

    def start():
        simulator = RunningSimulator(switches())
        running.append(simulator.__enter__())
        monkeypatch.setenv("MUSTER_CLOCK_URL", simulator.url)
        asyncio.run(devices_wait(simulator.url))
        return simulator.url

    yield start
    for simulator in running:
        simulator.__exit__(None, None, None)


async def devices_wait(url):
    """Switch the devices on: one of them fails once."""
    async with aclosing(Plant(url=url)) as plant:
        await set_up(plant, THREE, **{"edge-1": "fails-once"})


async def run_to_the_end(url):
    """Another machine's run, after the lease of the first has ended: what is wrong then."""
    async with aclosing(Plant(url=url)) as plant:
        clock = PlantClock(plant)
        await clock.advance(LEASE)
        ended = await Machine(plant, clock).onboard(THREE)
        return [*violations(await plant.record(), ended), *unfinished(ended)]


def test_a_process_that_is_killed_at_a_boundary_is_carried_on(
    new_plant, new_ledger, record_property
):
    wrong, ended = [], Counter()
    for at in sample(BOUNDARIES[::6], 3):
        new_ledger()
        url = new_plant()
        ended[started(url, at, signal.SIGKILL).wait(120)] += 1
        wrong += [f"killed at {at}: {each}" for each in asyncio.run(run_to_the_end(url))]

    killed = ended.pop(-signal.SIGKILL)
    record_property("processes killed", killed)
    assert wrong == []
    assert set(ended) <= {0}  # over a real network, one may need fewer calls and come to its end


def test_a_process_that_was_suspended_beyond_its_lease_does_nothing_twice(
    new_plant, new_ledger, record_property
):
    points = sample(BOUNDARIES[::6], 3)
    wrong = []
    for at in points:
        new_ledger()
        url = new_plant()
        process = started(url, at, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        wrong += [f"asleep at {at}: {each}" for each in asyncio.run(run_to_the_end(url))]
        process.send_signal(signal.SIGCONT)
        assert process.wait(120) == 0
        wrong += [f"awake at {at}: {each}" for each in asyncio.run(run_to_the_end(url))]

    record_property("processes suspended", len(points))
    assert wrong == []


@pytest.fixture
def postgresql(postgres_url, monkeypatch):
    """A ledger on PostgreSQL, which the environment names."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", postgres_url)


@pytest.mark.postgres
@pytest.mark.parametrize("at", sample(BOUNDARIES[::16], 2))
def test_two_machines_on_one_postgresql_do_nothing_twice_also_when_one_is_killed(
    new_plant, folder, postgresql, at
):
    url = new_plant()
    killed, other = started(url, at, signal.SIGKILL), started(url)
    ended = killed.wait(120), other.wait(120)

    wrong = asyncio.run(run_to_the_end(url))

    assert wrong == []
    assert ended[0] in {-signal.SIGKILL, 0}  # 0: the other one was first, and it had nothing to do
    assert ended[1] == 0
