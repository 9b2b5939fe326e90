"""What cannot be received a second time is written once the ledger is back, whatever happens."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from prefect.logging import disable_run_logger
from sqlalchemy import create_engine

from ledger.database.engine import LedgerAway
from ledger.database.faults import DatabaseFault
from ledger.session import Ledger
from tasks.runtime.outage import until_back, written

AWAY = LedgerAway(DatabaseFault("it is locked", "Wait"))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """One that is never reached: what is written here is counted only."""
    with disable_run_logger():
        yield Ledger(create_engine("sqlite://"), pauses=(0,))


def failing(times: int, tries: list[int]) -> Callable[[], int]:
    """A write that fails so many times; `tries` counts all of them."""

    def write() -> int:
        tries.append(len(tries))
        if len(tries) <= times:
            raise AWAY
        return len(tries)

    return write


async def written_now(ledger: Ledger, times: int, tries: list[int]) -> int:
    return await written(ledger, failing(times, tries))


@pytest.mark.parametrize("failures", [0, 1, 7])
def test_it_is_written_once_the_ledger_is_back(ledger: Ledger, failures: int) -> None:
    assert asyncio.run(written_now(ledger, failures, [])) == failures + 1
    assert not ledger.outage.is_on


def test_a_ledger_that_stays_away_is_given_up_after_the_limit(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_LEDGER_WAIT_LIMIT", "PT0.05S")

    with pytest.raises(LedgerAway, match="it is locked"):
        asyncio.run(written_now(ledger, 10**9, []))
    with pytest.raises(LedgerAway):  # nobody else waits for it then
        asyncio.run(until_back(ledger))


def test_once_it_was_given_up_each_write_is_tried_once_and_one_that_succeeds_ends_it(
    ledger: Ledger,
) -> None:
    ledger.outage.give_up(None, AWAY)
    tries: list[int] = []

    with pytest.raises(LedgerAway):
        asyncio.run(written_now(ledger, 1, tries))
    assert (tries, ledger.outage.is_on) == ([0], True)

    assert asyncio.run(written_now(ledger, 0, [])) == 1
    assert not ledger.outage.is_on


def test_who_is_cancelled_while_it_waits_has_written_before_it_ends(ledger: Ledger) -> None:
    tries: list[int] = []

    async def cancelled() -> bool:
        waiting = asyncio.create_task(written_now(ledger, 5, tries))
        while not tries:  # noqa: ASYNC110  # a list tells nobody
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        return waiting.cancelled()

    assert asyncio.run(cancelled())
    assert len(tries) == 6


def test_nothing_is_exchanged_while_somebody_waits(ledger: Ledger) -> None:
    order: list[str] = []

    async def exchanged() -> None:
        await until_back(ledger)
        order.append("exchanged")

    async def wrote(times: int) -> None:
        await written_now(ledger, times, [])
        order.append(f"written after {times}")

    async def together() -> None:
        first = [asyncio.create_task(wrote(3)), asyncio.create_task(wrote(9))]
        await asyncio.sleep(0)
        await asyncio.gather(exchanged(), *first)

    asyncio.run(together())

    assert order == ["written after 3", "written after 9", "exchanged"]


def test_a_write_that_fails_for_another_reason_stops_all_exchanging(ledger: Ledger) -> None:
    def write() -> None:
        raise ValueError("a row that cannot be written")

    with pytest.raises(ValueError, match="a row"):
        asyncio.run(written(ledger, write))
    with pytest.raises(LedgerAway, match="a row"):
        asyncio.run(until_back(ledger))
