"""Simulated time, in milliseconds since 1970: it can run faster, stand still and be moved on."""

import time
from dataclasses import dataclass

from simulator.store import Shelf, Store


@dataclass(slots=True)
class Anchor:
    """A moment on both clocks, from which simulated time is reckoned."""

    simulated: float
    wall: float
    speed: float

    def reckon(self, wall: float) -> float:
        """The simulated time when the wall's clock shows `wall`."""
        return self.simulated + (wall - self.wall) * self.speed


class Clock:
    """The one clock of a simulator. A restarted simulator carries on where it would be by now.

    A new one begins at `start`, in milliseconds, or else when it is.
    """

    def __init__(self, store: Store, speed: float, start: int | None = None) -> None:
        self._shelf = Shelf(store, "clock", Anchor, key=lambda _: "anchor")
        wall = time.time() * 1000
        before = self._shelf.get("anchor")
        began = wall if start is None else start
        self._move_to(before.reckon(wall) if before else began, wall, speed)

    def now(self) -> int:
        """The simulated time."""
        return int(self._anchor.reckon(time.time() * 1000))

    def advance(self, seconds: float) -> None:
        """Let `seconds` of simulated time pass at once."""
        wall = time.time() * 1000
        self._move_to(self._anchor.reckon(wall) + seconds * 1000, wall, self._anchor.speed)

    def _move_to(self, simulated: float, wall: float, speed: float) -> None:
        self._anchor = Anchor(simulated, wall, speed)
        self._shelf.put(self._anchor)
