"""Simulated time, in milliseconds since 1970: it can run faster, stop and be moved forward."""

import time
from dataclasses import dataclass

from simulator.store import Shelf, Store


@dataclass(slots=True)
class Anchor:
    """A moment on both clocks, from which simulated time is computed."""

    simulated: float
    wall: float
    speed: float

    def at(self, wall: float) -> float:
        """The simulated time when the real clock shows `wall`."""
        return self.simulated + (wall - self.wall) * self.speed


class Clock:
    """The one clock of a simulator. After a restart it shows what it would show without one.

    A new one begins at `start`, in milliseconds, or else at the real time.
    """

    def __init__(self, store: Store, speed: float, start: int | None = None) -> None:
        self._shelf = Shelf(store, "clock", Anchor, key=lambda _: "anchor")
        wall = time.time() * 1000
        before = self._shelf.get("anchor")
        began = wall if start is None else start
        self._move_to(before.at(wall) if before else began, wall, speed)

    def now(self) -> int:
        """The simulated time."""
        return int(self._anchor.at(time.time() * 1000))

    def advance(self, seconds: float) -> None:
        """Let `seconds` of simulated time pass at once."""
        wall = time.time() * 1000
        self._move_to(self._anchor.at(wall) + seconds * 1000, wall, self._anchor.speed)

    def _move_to(self, simulated: float, wall: float, speed: float) -> None:
        self._anchor = Anchor(simulated, wall, speed)
        self._shelf.put(self._anchor)
