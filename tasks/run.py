"""A run: the system it works on, the ledger it writes, and what it wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from prefect.logging import get_run_logger
from sqlalchemy import Engine

from adapters.lem import Lem
from clients.settings import LemSettings
from fleet.desired import Desired
from fleet.policy import Policy
from ledger.claims import Batch, Claimed, ClaimLost, close_batch, open_batch, renew
from ledger.engine import check_prepared, connect
from ledger.settings import LedgerSettings
from tasks.settings import RunSettings


def utc_now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)


class Run:
    """Everything that the steps of one run share; a dry run claims and writes nothing."""

    def __init__(
        self, system: Lem, engine: Engine, batch: Batch, desired: Desired, settings: RunSettings
    ) -> None:
        self.system = system
        self.engine = engine
        self.batch = batch
        self.desired = desired
        self.settings = settings
        self.policy = Policy(retries=settings.retries, retry_gap=settings.retry_gap)
        self.now: Callable[[], datetime] = utc_now
        self.started_at = self.now()
        self.looks = 0
        self.turns = asyncio.Semaphore(LemSettings().concurrency)

    @property
    def is_dry(self) -> bool:
        """Whether nothing may be changed anywhere."""
        return not self.batch.id


@asynccontextmanager
async def open_run(desired: Desired, name: str, dry_run: bool) -> AsyncIterator[Run]:
    """A run over `desired.devices`, which are its own until the context ends."""
    engine = connect(LedgerSettings().url)
    try:
        check_prepared(engine)
        async with Lem.connect(LemSettings()) as system:
            if dry_run:
                batch = Batch(desired.site, system.scope)
                yield Run(system, engine, batch, desired, RunSettings())
            else:
                async with _claimed(engine, desired, system.scope, name) as batch:
                    yield Run(system, engine, batch, desired, RunSettings())
    finally:
        engine.dispose()


@asynccontextmanager
async def _claimed(engine: Engine, desired: Desired, scope: str, name: str) -> AsyncIterator[Batch]:
    """A batch whose lease is renewed for as long as this process lives."""
    lease = LedgerSettings().lease
    batch = await _open_patiently(engine, desired, scope, name, lease)
    keeper = asyncio.create_task(_keep(engine, batch, lease))
    try:
        yield batch
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        close_batch(engine, batch, utc_now())


async def _open_patiently(
    engine: Engine, desired: Desired, scope: str, name: str, lease: timedelta
) -> Batch:
    """Claim the devices; wait once for the lease of a run that may have died to end."""
    awaited: dict[str, datetime] = {}
    while True:
        now = utc_now()
        try:
            return open_batch(engine, desired.site, scope, name, desired.devices, now, lease)
        except Claimed as claimed:
            if claimed.until > awaited.setdefault(claimed.batch_id, claimed.until):
                raise  # it was renewed meanwhile: that run is alive
            get_run_logger().warning("%s Waiting in case it died.", claimed)
            await asyncio.sleep((claimed.until - now).total_seconds() + 0.1)


async def _keep(engine: Engine, batch: Batch, lease: timedelta) -> None:
    """Renew the lease three times within its length; acts check for themselves that it holds."""
    while True:
        await asyncio.sleep(lease.total_seconds() / 3)
        with suppress(ClaimLost):
            renew(engine, batch, utc_now(), lease)
