"""A run that crashes at any boundary is carried on by the next: nothing twice, nothing lost."""

import asyncio
import random
from collections.abc import Callable

import pytest

from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from tests.reliability.amount import SEED, sample
from tests.reliability.audit import unfinished, violations
from tests.reliability.clock import Clock
from tests.reliability.machine import LEASE, Ended, Machine
from tests.reliability.plant import Plant
from tests.reliability.scenes import roster, set_up
from tests.reliability.seam import Crash, Seam, Seamed, within

THREE = roster()
SHARDS = 4  # of a whole run, so that it can use several cores


class Story:
    """A plant of three devices, and the runs over it, each crashed at one of its boundaries."""

    def __init__(self) -> None:
        self.plant = Plant()
        self.clock = Clock(self.plant)

    async def begin(self) -> "Story":
        """Switch the devices on: one of them fails once."""
        await set_up(self.plant, THREE, **{"edge-1": "fails-once"})
        return self

    async def crash(self, at: int) -> Seam:
        """A run that crashes at that boundary; its lease then ends. At 0 it comes to its end."""
        seam = Seam(at)
        machine = Machine(self.plant, self.clock, Seamed(seam, self.plant.transport))
        try:
            with within(seam):
                await machine.onboard(THREE)
        except Crash:
            await self.clock.advance(LEASE)
        return seam

    async def carry_on(self) -> list[str]:
        """Run again to the end, then a night, then once more: what is not as it must be."""
        machine = Machine(self.plant, self.clock)
        ended = await machine.onboard(THREE, "the next run")
        record = await self.plant.record()
        night = await machine.night()
        after_night = await self.plant.record()
        again = await machine.onboard(THREE, "once more")
        return [
            *violations(record, ended),
            *unfinished(ended),
            *(f"trouble: {each}" for each in ended.troubles.values()),
            *(f"a night did {each}" for each in after_night.changes - record.changes),
            *_untold(ended, night),
            *_differences(ended, again),
            *violations(await self.plant.record(), again),
        ]


def _untold(ended: Ended, night: Ended) -> list[str]:
    """Lost keys that the night did not find, and others that it found."""
    lost = {name for name, each in ended.statuses.items() if each.state is State.KEY_LOST}
    found = {each.device for each in night.findings if each.kind is FindingKind.LOST}
    return [f"lost: {lost}, found by the night: {found}"] if lost != found else []


def _differences(one: Ended, other: Ended) -> list[str]:
    return [
        f"{name} was {status.state.value} and is {other.statuses[name].state.value}"
        for name, status in one.statuses.items()
        if status.state is not other.statuses[name].state
    ]


async def boundaries() -> list[int]:
    """All boundaries of a run that nothing happens to, by their numbers."""
    seam = await (await Story().begin()).crash(0)
    return list(range(1, len(seam.crossed) + 1))


async def crashed_at(*points: int) -> list[str]:
    """What is wrong after one run crashed at each of these boundaries, one after another."""
    story = await Story().begin()
    seams = [await story.crash(at) for at in points]
    where = " and then ".join(seam.last for seam in seams)
    return [f"{where}: {each}" for each in await story.carry_on()]


@pytest.fixture
def every(new_ledger: Callable[[], None]) -> list[int]:
    new_ledger()
    return asyncio.run(boundaries())


def test_a_run_crosses_hundreds_of_boundaries_always_in_the_same_order(new_ledger):
    crossed = []
    for _ in range(2):
        new_ledger()
        seam = asyncio.run(Story().begin()).crash(0)
        crossed.append(asyncio.run(seam).crossed)

    assert crossed[0] == crossed[1]
    assert len(crossed[0]) > 100


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_run_that_crashes_at_any_boundary_is_carried_on(
    every, new_ledger, record_property, shard
):
    points = sample(every[shard::SHARDS], 4)
    wrong = []
    for point in points:
        new_ledger()
        wrong += asyncio.run(crashed_at(point))

    record_property("crashes", len(points))
    record_property("boundaries", len(every))
    assert wrong == []


@pytest.mark.parametrize("shard", range(SHARDS))
def test_runs_that_crash_one_after_another_are_carried_on(
    every, new_ledger, record_property, shard
):
    draw = random.Random(f"{SEED} {shard}")
    pairs = sample([(draw.choice(every), draw.choice(every)) for _ in range(50)], 2)
    wrong = []
    for pair in pairs:
        new_ledger()
        wrong += asyncio.run(crashed_at(*pair))

    record_property("pairs of crashes", len(pairs))
    assert wrong == []
