"""Outages of the ledger: a run waits for it, and exchanges nothing that it could not keep."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from prefect.logging import get_run_logger

from ledger.database.engine import LedgerAway
from ledger.database.faults import DatabaseFault
from ledger.database.settings import LedgerSettings
from ledger.session import Ledger
from reports.page.wording import brief

T = TypeVar("T")

_TOO_LONG = DatabaseFault("it was away for too long", "Run this again once it is back")


async def written(ledger: Ledger, write: Callable[[], T]) -> T:
    """What `write` returns, once the ledger is there.

    While it waits, nobody exchanges anything; and who is cancelled is so only once it has written:
    it may be a key that cannot be received a second time. Raises LedgerAway when the ledger stays
    away for MUSTER_LEDGER_WAIT_LIMIT.
    """
    who, tries, until, cancelled = object(), 0, 0.0, False
    pauses = ledger.outage.pauses
    while True:
        try:
            result = write()
        except LedgerAway as error:
            until = until or monotonic() + LedgerSettings().wait_limit.total_seconds()
            note_away(ledger, who, error)
            left = until - monotonic()
            if ledger.outage.given_up or left <= 0:
                ledger.outage.give_up(who, error)
                raise
            pause = pauses[min(tries, len(pauses) - 1)]
            try:
                await asyncio.sleep(min(pause, left))
            except asyncio.CancelledError:
                cancelled = True
            tries += 1
        except Exception as error:
            fault = DatabaseFault(str(error), "Nothing more is exchanged by this run")
            ledger.outage.give_up(who, LedgerAway(fault))
            raise
        else:
            note_back(ledger, who)
            if cancelled:
                raise asyncio.CancelledError
            return result


async def until_back(ledger: Ledger) -> None:
    """Wait while the ledger is away. Raises LedgerAway when it stays so for too long."""
    if not ledger.outage.is_on:
        return
    limit = LedgerSettings().wait_limit.total_seconds()
    try:
        await asyncio.wait_for(ledger.outage.over(), limit)
    except TimeoutError:
        error = LedgerAway(_TOO_LONG)
        ledger.outage.give_up(None, error)
        raise error from None


def note_away(ledger: Ledger, who: object, error: LedgerAway) -> None:
    """Note that `who` cannot use the ledger: nothing is exchanged until it can again."""
    if ledger.outage.notice(who):
        limit = brief(LedgerSettings().wait_limit.total_seconds())
        get_run_logger().warning(
            "%s No key is exchanged until it is back; it is waited for up to %s "
            "(MUSTER_LEDGER_WAIT_LIMIT).",
            error,
            limit,
        )


def note_back(ledger: Ledger, who: object) -> None:
    """Note that `who` can use the ledger, if that is news."""
    if ledger.outage.end(who):
        get_run_logger().info("The ledger is back. The run goes on.")
