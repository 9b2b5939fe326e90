"""A dead run is taken over after its lease, and a live one is not, whatever clocks show."""

import asyncio
from asyncio import Event
from datetime import datetime, timedelta

import pytest
from prefect.logging import disable_run_logger
from sqlalchemy import delete

from ledger.database.engine import connect, writing
from ledger.database.tables import ClaimRow
from ledger.session import Ledger
from ledger.state.claims import Claimed
from ledger.state.lease import since_start
from tasks.runtime.clock import utc_now
from tasks.runtime.connection_run import ConnectionRun, claimed
from tests.fleet.builders import ASKED, a_device, wanted
from tests.laws import one_in

DEVICE, LEASE, HOUR = a_device(), timedelta(seconds=0.6), timedelta(hours=1)


class Lem:
    scope, profile = "LEM project a", ASKED


class Run(ConnectionRun):
    """A run on a machine whose clock is wrong."""

    error = timedelta()

    def now(self) -> datetime:  # type: ignore[override]
        return utc_now() + self.error


@pytest.fixture
def run(database_url):
    """Makes a run of a machine whose clock is so far ahead."""
    engine = connect(database_url)

    def make(name: str, error: timedelta) -> Run:
        made = Run(name, "plant-7", "lem", Lem(), wanted(DEVICE), Ledger(engine))
        made.error = error
        return made

    yield make
    engine.dispose()


def dead(run: Run) -> None:
    """A run that was killed when it had claimed its device."""
    site, scope, now = "plant-7", run.system.scope, run.now()
    run.ledger.claims.open_claim(site, scope, run.name, [DEVICE], now, LEASE)


async def works(run: Run, until: Event | None = None) -> bool:
    """Whether `run` gets its devices; it has them until that happens."""
    try:
        async with claimed(run, LEASE):
            if until:
                await until.wait()
            return not run.has_lapsed
    except Claimed:
        return False


@pytest.mark.heavy
@pytest.mark.parametrize("error", one_in(3, [-HOUR, timedelta(), HOUR]))
def test_a_killed_run_is_taken_over_after_its_lease_though_clocks_were_set(run, error):
    dead(run("killed", error))
    began = since_start()

    with disable_run_logger():
        assert asyncio.run(works(run("next", timedelta())))

    assert LEASE.total_seconds() <= since_start() - began < 10


def test_a_live_run_is_not_taken_over_by_machines_whose_clocks_are_wrong(run):
    async def all_of_them() -> list[bool]:
        over = Event()
        first = asyncio.create_task(works(run("first", timedelta()), over))
        await asyncio.sleep(0.1)
        others = (works(run("another", error)) for error in (-HOUR, timedelta(), HOUR))
        found = await asyncio.gather(*others)
        over.set()
        return [*found, await first]

    with disable_run_logger():
        assert asyncio.run(all_of_them()) == [False, False, False, True]


def test_a_run_that_another_took_over_while_the_ledger_was_away_holds_nobody_up(run):
    async def is_on_later() -> bool:
        first = run("first", timedelta())
        async with claimed(first, LEASE):
            first.ledger.outage.notice(first.claim)
            with writing(first.ledger.claims._engine) as session:
                session.exec(delete(ClaimRow))
            await asyncio.wait_for(first.ledger.outage.over(), 10)
            return first.ledger.outage.is_on

    with disable_run_logger():
        assert not asyncio.run(is_on_later())


@pytest.mark.parametrize(
    ("by_the_one", "by_the_other", "has_lapsed"),
    [(0, 0, False), (10, 0, True), (0, 10, True)],
    ids=["neither", "the time of day", "the clock that nobody sets"],
)
def test_a_lease_has_ended_as_soon_as_one_clock_says_so(run, by_the_one, by_the_other, has_lapsed):
    a_run = run("it", timedelta())

    a_run.hold(
        a_run.now() - timedelta(seconds=by_the_one),
        since_start() - by_the_other,
        timedelta(seconds=5),
    )

    assert a_run.has_lapsed is has_lapsed
