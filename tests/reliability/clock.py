"""The time of a plant and of the machines that work on it: real time, moved ahead by tests."""

from datetime import datetime, timedelta

from tasks.runtime.clock import utc_now
from tests.reliability.plant import Plant


class Clock:
    """One clock for a plant and its machines, so that nobody waits for a lease or a timeout."""

    def __init__(self, plant: Plant) -> None:
        self._plant, self._ahead = plant, timedelta()

    def now(self) -> datetime:
        """The present instant, aware."""
        return utc_now() + self._ahead

    async def advance(self, by: timedelta) -> None:
        """Let `by` pass at once, for everybody."""
        self._ahead += by
        await self._plant.control("clock", advance_seconds=by.total_seconds())


class PlantClock(Clock):
    """The clock of several processes: they all read that of the plant (MUSTER_CLOCK_URL)."""

    def now(self) -> datetime:
        """The present instant there, aware."""
        return utc_now()
