"""A run: the system it works on, the ledger it writes, and what it wants."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from prefect.logging import get_run_logger
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.lem import Lem
from clients.settings import LemSettings
from fleet.assessment import Assessment
from fleet.desired import Desired
from fleet.policy import Policy
from fleet.roster import Roster
from ledger.claims import Batch, Claimed, ClaimLost, close_batch, open_batch, renew
from ledger.engine import check_prepared, connect
from ledger.settings import LedgerSettings
from tasks.settings import RunSettings


def utc_now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)


class Run:
    """Everything that the steps of one run share; a dry run claims and writes nothing.

    Not a dataclass on purpose: Prefect would walk through every device of it at every task.
    """

    def __init__(self, name: str, roster: Roster, desired: Desired) -> None:
        self.name = name
        self.roster = roster
        self.desired = desired
        self.settings = RunSettings()
        self.policy = Policy(
            retries=self.settings.retries,
            retry_gap=self.settings.retry_gap,
            doubt=self.settings.doubt,
        )
        self.started_at = self.now()
        self.looks = 0
        self.has_acted = False
        self.seen: Assessment | None = None
        self.refused_enrolments: dict[str, str] = {}
        self.held_until = self.started_at
        self.turns = asyncio.Semaphore(LemSettings().concurrency)
        self.system: Lem
        self.engine: Engine
        self.batch: Batch

    @staticmethod
    def now() -> datetime:
        """The present instant, aware."""
        return utc_now()

    @property
    def has_lapsed(self) -> bool:
        """Whether the lease may have ended, so that another run may be acting by now."""
        return self.now() >= self.held_until

    @property
    def subject(self) -> str:
        """What a person would say that the run is about: its site, or its only device."""
        whole, devices = self.desired.is_whole_site, self.desired.devices
        return self.desired.site if whole else devices[0].name

    @property
    def key(self) -> str:
        """What artifacts and files of runs about the same thing are named after."""
        if self.desired.is_whole_site:
            return f"onboarding-{self.desired.site}"
        name = re.sub("[^a-z0-9]+", "-", self.subject.lower())
        return f"provisioning-{self.desired.site}-{name}"

    @property
    def is_dry(self) -> bool:
        """Whether nothing may be changed anywhere."""
        return not self.batch.id


@asynccontextmanager
async def open_run(
    name: str, roster: Roster, desired: Desired, dry_run: bool
) -> AsyncIterator[Run]:
    """A run over `desired.devices`, which are its own until the context ends."""
    run = Run(name, roster, desired)
    async with AsyncExitStack() as stack:
        run.engine = connect(LedgerSettings().url)
        stack.callback(run.engine.dispose)
        check_prepared(run.engine)
        run.system = await stack.enter_async_context(Lem.connect(LemSettings()))
        run.batch = Batch(desired.site, run.system.scope)
        if not dry_run:
            await stack.enter_async_context(_claimed(run, LedgerSettings().lease))
        yield run


@asynccontextmanager
async def _claimed(run: Run, lease: timedelta) -> AsyncIterator[None]:
    """Give `run` a batch whose lease is renewed for as long as this process lives."""
    run.batch = await _open_patiently(run, lease)
    run.held_until = run.now() + lease
    keeper = asyncio.create_task(_keep(run, lease))
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        close_batch(run.engine, run.batch, run.now())


async def _open_patiently(run: Run, lease: timedelta) -> Batch:
    """Claim the devices. A run that holds one may have died: wait once for its lease to end."""
    site, scope, devices = run.desired.site, run.system.scope, run.desired.devices
    awaited: set[str] = set()
    while True:
        now = run.now()
        try:
            return open_batch(run.engine, site, scope, run.name, devices, now, lease)
        except Claimed as claimed:
            if claimed.batch_id in awaited:
                raise  # renewed meanwhile, so that run is alive
            awaited.add(claimed.batch_id)
            get_run_logger().warning("%s Waiting in case it has died.", claimed)
            await asyncio.sleep(min(claimed.until - now, lease).total_seconds() + 0.1)


async def _keep(run: Run, lease: timedelta) -> None:
    """Renew the lease three times within its length; acts check for themselves that it holds."""
    while True:
        await asyncio.sleep(lease.total_seconds() / 3)
        now = run.now()
        with suppress(ClaimLost, SQLAlchemyError):  # a database that is away for once
            renew(run.engine, run.batch, now, lease)
            run.held_until = now + lease
