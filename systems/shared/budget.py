"""A budget: the calls that a quota has seen of late, in a file that a whole machine shares."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from time import monotonic_ns

from filelock import FileLock

from fleet.system.quota import Quota, Usage

_POLL_SECONDS = 0.002  # of the file's lock, which is held for about a millisecond
_CLOCK_ERROR = 0.001  # of the window: two clocks that are both being corrected differ by no more
_UNDER_WAY = 0.04  # of the window, or a second if that is more: no call takes longer to arrive
_TABLE = "CREATE TABLE IF NOT EXISTS calls (name VARCHAR, item_timestamp INTEGER)"
_INDEX = "CREATE INDEX IF NOT EXISTS idx_calls_rate_item_timestamp ON calls (item_timestamp)"
_COUNT_FROM = "UPDATE calls SET item_timestamp = ? WHERE name = ?"
_COUNT = "INSERT INTO calls (name, item_timestamp) VALUES (?, ?)"
_COUNTED = "SELECT name FROM calls WHERE item_timestamp >= ? AND item_timestamp <= ?"
_NEWEST_FIRST = "SELECT item_timestamp FROM calls ORDER BY item_timestamp DESC LIMIT 1 OFFSET ?"


def _since_start() -> int:
    """Milliseconds since the machine was started, by a clock that nobody sets."""
    return monotonic_ns() // 1_000_000


class Budget:
    """The calls of the last window, in a file that everybody on this machine shares.

    A call counts from its answer on, for the server counted it before that: so that no call comes
    too early, however long each of them is under way. Only a very slow answer is not waited for:
    by then the server has surely counted the call. Every method may block.
    """

    def __init__(self, quota: Quota, file: Path, clock: Callable[[], int] = _since_start) -> None:
        self.quota, self._file, self._clock = quota, file, clock
        window = round(quota.window.total_seconds() * 1000 * (1 + _CLOCK_ERROR))
        self._window = max(window, 1)
        self._slack = max(round(window * _UNDER_WAY), 1000)

    def take(self, call: str) -> float:
        """Count `call` and give 0; or, when there is no room, the seconds until there may be."""
        with self._alone() as (calls, now):
            # What is yet to come was written before the machine was last started.
            old = "DELETE FROM calls WHERE item_timestamp < ? OR item_timestamp > ?"
            calls.execute(old, (now - self._window, now + self._slack))
            in_the_way = calls.execute(_NEWEST_FIRST, (self.quota.calls - 1,)).fetchone()
            if in_the_way is None:
                calls.execute(_COUNT, (call, now + self._slack))
                return 0.0
        wait: int = max(in_the_way[0] + self._window - now + 1, 1)
        # By then the call that is waited for may have been answered, and count from earlier on.
        return (wait - self._slack if wait > self._slack else wait) / 1000

    def renew(self, call: str) -> bool:
        """Count `call` anew; False when it was counted too long ago."""
        new = f"{_COUNT_FROM} AND item_timestamp >= ?"
        with self._alone() as (calls, now):
            there = (now + self._slack, call, now - self._window)
            return calls.execute(new, there).rowcount > 0

    def answered(self, call: str) -> None:
        """Count `call` from now on, unless it counts already."""
        with self._alone() as (calls, now):
            calls.execute(f"{_COUNT_FROM} AND item_timestamp > ?", (now, call, now))

    def hold(self, seconds: float) -> None:
        """Let no call through for so long, or for a window when that is shorter."""
        with self._alone() as (calls, now):
            full = now + min(round(seconds * 1000) - self._window, 0)
            calls.execute("DELETE FROM calls WHERE name = '' AND item_timestamp <= ?", (full,))
            calls.executemany(_COUNT, [("", full)] * self.quota.calls)

    def usage(self, owner: str) -> Usage:
        """What the present window has seen; the names of `owner`'s calls begin with it.

        What `hold` counts is nobody's, and used all the same.
        """
        with self._alone() as (calls, now):
            there = calls.execute(_COUNTED, (now - self._window, now + self._slack)).fetchall()
        others = sum(1 for (name,) in there if name and not name.startswith(owner))
        return Usage(len(there) - others, others)

    def close(self) -> None:
        """Close the file, if it was opened."""
        if "_calls" in self.__dict__:
            with self._lock:
                self._calls.close()

    @cached_property
    def _lock(self) -> FileLock:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileLock(f"{self._file}.lock", poll_interval=_POLL_SECONDS)

    @cached_property
    def _calls(self) -> sqlite3.Connection:
        """The table of the calls, each with the time from which it counts; made when not there."""
        calls = sqlite3.connect(self._file, check_same_thread=False)
        calls.execute("PRAGMA journal_mode = WAL")
        calls.execute("PRAGMA synchronous = NORMAL")
        calls.execute(_TABLE)
        calls.execute(_INDEX)
        return calls

    @contextmanager
    def _alone(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        """The table while nobody else uses it, and the time in milliseconds since a start.

        All processes of a machine count them alike, and nobody who sets its clock moves them.
        """
        with self._lock, self._calls:
            yield self._calls, self._clock()
