"""What is due when: events of simulated time, which happen at the next call after it."""

import heapq
from collections.abc import Callable
from itertools import count

Event = Callable[[int], None]


class Agenda:
    """Events in the order of their time; each is called with the time at which it was due."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Event]] = []
        self._order = count()

    def at(self, when: int, event: Event) -> None:
        """Plan `event` for `when`."""
        heapq.heappush(self._due, (when, next(self._order), event))

    def run_until(self, now: int) -> None:
        """Do everything that is due by `now`, and what follows from it by then."""
        while self._due and self._due[0][0] <= now:
            when, _, event = heapq.heappop(self._due)
            event(when)
