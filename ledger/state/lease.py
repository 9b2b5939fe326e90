"""Leases: a run is dead when it has not renewed for as long, as its rival saw by its own clock.

No time of day is compared: two machines' clocks differ, and people and NTP set them.
"""

import time
from collections.abc import Callable

from ledger.database.tables import ConnectionRunRow

# It goes on while a machine sleeps; where there is no such clock (macOS), the usual one does.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def since_start() -> float:
    """Seconds since the machine was started, by a clock that nobody sets."""
    return time.clock_gettime(_CLOCK)


class Watch:
    """When each run was first seen with as many renewals as it has now."""

    def __init__(self, clock: Callable[[], float] = since_start) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[int, float]] = {}

    def left(self, run: ConnectionRunRow) -> float:
        """How many seconds `run` still has to renew; 0 when it is dead.

        It has its whole lease from when it was first seen, also when it died long before.
        """
        now = self._clock()
        renewals, since = self._seen.get(run.id, (-1, now))
        if renewals != run.renewals:
            renewals, since = self._seen[run.id] = (run.renewals, now)
        return max(since + run.lease_seconds - now, 0.0)
