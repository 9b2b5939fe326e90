"""Two machines and one roster: nothing twice, also when one of them slept and its lease ended."""

import asyncio
import threading
from contextlib import suppress

import pytest

from fleet.state.device_state import State
from ledger.state.claims import Claimed
from tests.reliability.amount import sample
from tests.reliability.audit import unfinished, violations
from tests.reliability.clock import Clock
from tests.reliability.machine import LEASE, Machine
from tests.reliability.plant import Plant
from tests.reliability.scenes import roster, set_up
from tests.reliability.seam import Seam, Seamed, Side, within

THREE = roster()
SENDS = (Side.BEFORE_CALL, "POST")


class Rivals:
    """A machine that stops at a boundary, until another one has done what it can meanwhile."""

    def __init__(self, *, beyond_lease: bool = False, is_night: bool = False) -> None:
        self.plant = Plant()
        self.clock = Clock(self.plant)
        self._beyond_lease, self._is_night = beyond_lease, is_night

    async def met(self, at: int) -> Seam:
        """A run of the machine that stops there, and goes on when the other one has ended."""
        await set_up(self.plant, THREE, **{"edge-1": "fails-once"})
        seam = Seam(at, self._other)
        machine = Machine(self.plant, self.clock, Seamed(seam, self.plant.transport))
        with within(seam):
            await machine.onboard(THREE)
        return seam

    def _other(self) -> None:
        """In a thread of its own, for the one that stops does nothing whatever."""
        other = threading.Thread(target=asyncio.run, args=(self._meanwhile(),))
        other.start()
        other.join()

    async def _meanwhile(self) -> None:
        machine = Machine(self.plant, self.clock, waits=self._beyond_lease)
        with suppress(Claimed):
            await (machine.night() if self._is_night else machine.onboard(THREE, "the other"))

    async def ended(self) -> list[str]:
        """What is not as it must be, after one more run."""
        await self.clock.advance(LEASE)
        ended = await Machine(self.plant, self.clock).onboard(THREE, "the last")
        lost = [f"{n}: lost" for n, s in ended.statuses.items() if s.state is State.KEY_LOST]
        return [*violations(await self.plant.record(), ended), *unfinished(ended), *lost]


async def wrong(at: int, **how: bool) -> list[str]:
    """What is wrong when a machine stopped at that boundary."""
    rivals = Rivals(**how)
    seam = await rivals.met(at)
    side, what = seam.crossed[at - 1]
    return [f"{at} {side} {what}: {each}" for each in await rivals.ended()]


@pytest.fixture
def crossed(new_ledger):
    """The boundaries of a run that meets nobody."""
    new_ledger()
    return asyncio.run(Rivals().met(0)).crossed


@pytest.fixture
def stops(crossed):
    """Where a machine can stop: not within a transaction, for which the other one would wait."""
    return [at for at, (side, _) in enumerate(crossed, 1) if side is not Side.BEFORE_COMMIT]


@pytest.mark.parametrize(
    "how",
    [{"beyond_lease": True}, {}, {"is_night": True}, {"is_night": True, "beyond_lease": True}],
    ids=["a run takes over", "a run comes", "a night comes", "a night takes over"],
)
def test_two_that_meet_at_any_boundary_do_nothing_twice(stops, new_ledger, record_property, how):
    points = sample(stops, 4)
    found = []
    for at in points:
        new_ledger()
        found += asyncio.run(wrong(at, **how))

    record_property("meetings", len(points))
    assert found == []


def test_what_would_be_sent_after_a_sleep_is_not(crossed, stops, new_ledger):
    to_send = {n for n, (side, what) in enumerate(crossed) if (side, what[:4]) == SENDS}
    posts = [at for at in stops if at in to_send]
    found = []
    for at in posts:
        new_ledger()
        found += asyncio.run(wrong(at, beyond_lease=True))

    assert len(posts) == 7
    assert found == []
