"""A connection run: the part of a site run over one connection, such as *lem* of plant-7."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf

from prefect.logging import get_run_logger

from fleet.admission.desired import Desired
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.secret import Keyring, Secret
from fleet.planning.assess import Assessment
from fleet.planning.forecast import room
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.status.admission_model import model_of
from fleet.status.limits import Limits
from fleet.system.system import System
from ledger.database.engine import Also, LedgerAway
from ledger.database.settings import LedgerSettings
from ledger.session import Ledger
from ledger.state.claims import Claim, Claimed, ClaimLost
from ledger.state.lease import since_start
from tasks.runtime.clock import utc_now
from tasks.runtime.outage import note_away, note_back, written
from tasks.runtime.settings import RunSettings

__all__ = ["ConnectionRun", "claimed", "utc_now"]


class ConnectionRun:
    """Its devices, their system and the ledger. A dry run claims and writes nothing.

    `name` is the flow run's, `subject` names it for people: *plant-7 (lem)*, or *edge-042*. Not a
    dataclass on purpose: Prefect would walk through every device of it at every task.
    """

    def __init__(
        self,
        name: str,
        subject: str,
        connection: str,
        system: System,
        desired: Desired,
        ledger: Ledger,
    ) -> None:
        self.name, self.subject, self.connection = name, subject, connection
        self.system, self.desired, self.ledger = system, desired, ledger
        self.settings = RunSettings()
        self.limits = Limits(
            retries=self.settings.retries,
            retry_gap=self.settings.retry_gap,
            outcome_timeout=self.settings.outcome_timeout,
        )
        self.claim = Claim(desired.site, system.scope)
        self.keyring = Keyring()
        self.observations = 0
        self.has_acted = False
        self.assessment: Assessment | None = None  # the latest, and what it is of
        self.observed, self.memory = Observation(), Memory()
        self.refused_enrollments: dict[str, str] = {}
        self.enrolled: list[Device] = []
        self.planned_after = 0  # how many were enrolled before the latest plan
        self.skew = timedelta()  # how far its system's clock is ahead of ours
        self.enrolled_before: dict[str, int] | None = None  # how often, before this run
        self.unsealed: list[str] = []
        self.activated_before: frozenset[str] = frozenset()  # the devices that were to do so
        self.relaxed: frozenset[str] = frozenset()  # those that people need not approve any more
        self.busy: dict[str, str] = {}  # those that another run has claimed, and which run that is
        self.rivals: dict[str, str] = {}  # those on the roster of another site, and as whom
        self.observed_at = self.held_until = self.now()
        self._held_until_then = inf  # by the clock that nobody sets
        self.turns = asyncio.Semaphore(system.profile.concurrency)

    @staticmethod
    def now() -> datetime:
        """The present instant, aware."""
        return utc_now()

    @property
    def has_lapsed(self) -> bool:
        """Whether the lease may have ended, so that another run may have claimed the devices.

        So it has as soon as one of two clocks says so: one may be set, the other may stand still
        while a machine is suspended.
        """
        return self.now() >= self.held_until or since_start() >= self._held_until_then

    def hold(self, since: datetime, then: float, lease: timedelta) -> None:
        """Note that the lease lasts so long from now on, which is `since` and, unset, `then`."""
        self.held_until = since + lease
        self._held_until_then = then + lease.total_seconds()

    @property
    def is_dry(self) -> bool:
        """Whether nothing may be changed anywhere."""
        return not self.claim.id

    @property
    def least_gap(self) -> timedelta:
        """The least gap between observations, so that they use a fifth of the quota at most."""
        system_profile = self.system.profile
        return (
            system_profile.quota.interval * system_profile.observe_calls * 5
            if system_profile.quota
            else timedelta()
        )

    @property
    def has_room(self) -> bool:
        """Whether one more code would be used before it expires, after those that are open."""
        size = room(self.desired, self.assessment) if self.assessment else None
        return size is None or len(self.enrolled) - self.planned_after < size

    def learn_code_life(self, made: Enrollment) -> None:
        """Note how long a code lives, where its system sets that: waves are made by it."""
        profile = self.desired.system_profile
        if profile.code_life is None:
            return
        lives = max(made.expires_at - self.now() - self.skew, timedelta())
        profile = replace(profile, code_life=min(profile.code_life, lives))
        self.desired = replace(self.desired, system_profile=profile)

    def recall_secrets(self) -> None:
        """Read the secrets that the ledger holds, for systems of which Muster keeps any."""
        if model_of(self.system.profile).keeps_secrets:
            self.keyring = self.ledger.secrets.keyring(self.claim)

    def sealed(self, secrets: Sequence[Secret]) -> Also:
        """What seals `secrets` in the ledger, in the same transaction as their outcome."""
        return self.ledger.secrets.sealing(self.claim, secrets, self.now())

    async def pause(self, away: LedgerAway) -> None:
        """Wait until the ledger is back, which a renewed lease proves.

        Raises LedgerAway when it stays away for too long, ClaimLost when another run took over.
        """
        lease = LedgerSettings().lease
        try:
            await written(self.ledger, lambda: self.renew(lease) if self.claim.id else None)
        except LedgerAway:
            raise LedgerAway(away.fault, self.unsealed) from away

    async def seal(self, secrets: Sequence[Secret], write: Callable[[], None]) -> None:
        """`write` what seals `secrets`, once the ledger is there: they are shown only once.

        Raises LedgerAway, and notes that they are lost, when it stays away for too long.
        """
        try:
            await written(self.ledger, write)
        except Exception:
            lost = [f"{it.kind} of {it.device or self.desired.site}" for it in secrets]
            if lost:
                get_run_logger().error("Lost, for it could not be sealed: %s", ", ".join(lost))
            self.unsealed += lost
            raise

    def renew(self, lease: timedelta) -> None:
        """Extend the lease. Raises ClaimLost when another run has taken over."""
        now, then = self.now(), since_start()
        self.ledger.claims.renew(self.claim, now, lease)
        self.hold(now, then, lease)


@asynccontextmanager
async def claimed(run: ConnectionRun, lease: timedelta) -> AsyncIterator[None]:
    """Claim the devices of `run`; the lease is renewed until the context or this process ends."""
    run.claim = await _claim_or_wait(run, run.name, lease)
    renewing = asyncio.create_task(_renew(run, lease))
    try:
        if model_of(run.system.profile).keeps_secrets:
            run.ledger.secrets.register_key(run.claim)
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        with suppress(LedgerAway):  # its lease then ends by itself
            run.ledger.claims.close_claim(run.claim, run.now())


async def _claim_or_wait(run: ConnectionRun, name: str, lease: timedelta) -> Claim:
    """Claim the devices. A run that holds one may have died: wait once for it to renew."""
    site, scope, devices = run.desired.site, run.system.scope, run.desired.devices
    renewals: dict[str, int] = {}
    while True:
        now, then = run.now(), since_start()
        try:
            claim = run.ledger.claims.open_claim(site, scope, name, devices, now, lease)
        except Claimed as other:
            if renewals.setdefault(other.run_id, other.renewals) != other.renewals:
                raise  # it has renewed, so it is alive
            get_run_logger().warning("%s It may have died: waiting until its claim ends.", other)
            await asyncio.sleep(other.left.total_seconds() + 0.1)
        else:
            run.hold(now, then, lease)
            return claim


async def _renew(run: ConnectionRun, lease: timedelta) -> None:
    """Renew the lease three times within its length; every call checks that it still holds.

    While the ledger is away, it is tried more often, and nothing is exchanged.
    """
    while True:
        gap, outage = lease.total_seconds() / 3, run.ledger.outage
        await asyncio.sleep(min(gap, outage.pauses[0]) if outage.is_on else gap)
        try:
            with suppress(ClaimLost):  # the next action finds out, and ends the run
                run.renew(lease)
        except LedgerAway as error:
            note_away(run.ledger, run.claim, error)
        else:
            note_back(run.ledger, run.claim)
