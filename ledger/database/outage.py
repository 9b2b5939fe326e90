"""Outages: a ledger that is away, as those who have it open noticed, until it is back."""

import asyncio
from collections.abc import Sequence

from ledger.database.engine import LedgerAway

PAUSES = (0.5, 1.0, 2.0, 5.0)  # seconds between tries; the last one from then on


class Outage:
    """Whether one ledger is away, for all who have it open. Each of them is any hashable object.

    It lasts until everybody who noticed it could use the ledger again, or somebody gave up. Who
    waits tries again after each of `pauses`.
    """

    def __init__(self, pauses: Sequence[float] = PAUSES) -> None:
        self.pauses = pauses
        self._noticed_by: set[object] = set()
        self._is_over = asyncio.Event()
        self._is_over.set()
        self.given_up: LedgerAway | None = None

    @property
    def is_on(self) -> bool:
        """Whether the ledger is away, or was for so long that somebody gave up."""
        return bool(self._noticed_by or self.given_up)

    def notice(self, who: object) -> bool:
        """Note that `who` cannot use the ledger; whether nobody had noticed before."""
        is_first = not self.is_on
        self._noticed_by.add(who)
        if self.given_up is None:
            self._is_over.clear()
        return is_first

    def end(self, who: object) -> bool:
        """Note that `who` could use the ledger; whether the outage is over by that."""
        was_on = self.is_on
        self._noticed_by.discard(who)
        if self._noticed_by:
            return False
        self.given_up = None
        self._is_over.set()
        return was_on

    def give_up(self, who: object, error: LedgerAway) -> None:
        """Note that `who` waits no longer. Whoever else waits for the end now gets `error`."""
        self._noticed_by.discard(who)
        self.given_up = error
        self._is_over.set()

    async def over(self) -> None:
        """Wait for its end; at once when there is none. Raises LedgerAway when it was given up."""
        await self._is_over.wait()
        if self.given_up:
            raise self.given_up
