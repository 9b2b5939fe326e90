"""A machine that brings rosters into service: the engine of the flows, without a Prefect server.

It observes, plans and executes as `tasks/onboarding` and `tasks/nightly` do, all connections beside
each other, but over a transport and a clock that it is given.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from prefect.logging import disable_run_logger
from pydantic import AnyHttpUrl

from fleet.action.action import Retire, Rotate
from fleet.admission.desired import Desired
from fleet.device.device import Device
from fleet.nightly.finding import Finding
from fleet.nightly.inspection import inspect
from fleet.status.status import DeviceStatus
from fleet.system.enroll import Enroll
from fleet.system.system import System
from fleet.text.expected import ExpectedError
from ledger.session import Ledger, open_ledger
from ledger.state.claims import Claimed
from ledger.state.lease import Watch
from systems.acusight.adapter import Acusight
from systems.acusight.client import AcusightClient
from systems.acusight.settings import AcusightSettings
from systems.lem.adapter import Lem
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings
from systems.shared.errors import ApiError
from tasks.nightly.inspection import inspected, run_over
from tasks.pipeline.observe import observe
from tasks.pipeline.plan import Plan, plan
from tasks.runtime.connection_run import ConnectionRun
from tests.fleet.builders import wanted
from tests.ledger.relaxed import none_relaxed
from tests.reliability.clock import Clock
from tests.reliability.plant import SITE, Lent, Plant
from tests.reliability.steps import changed, execute
from tests.tasks.pipeline.unserved import AT_ONCE

LEASE, PAUSE = timedelta(seconds=60), timedelta(seconds=20)
ROUNDS = 40  # in which a system may be down for ten minutes
READS = 4  # how often a failed observation is made in all, as the flows do
Roster = Mapping[str, Sequence[Device]]  # by connection


class Run(ConnectionRun):
    """A connection run whose time is an argument."""

    def __init__(self, clock: Clock, *args: Any) -> None:
        self._clock = clock
        super().__init__(*args)

    def now(self) -> datetime:  # type: ignore[override]
        """The present instant, aware."""
        return self._clock.now()


class Ended:
    """How a run ended: each device's status and connection, and why a connection was left."""

    def __init__(self) -> None:
        self.statuses: dict[str, DeviceStatus] = {}
        self.connections: dict[str, str] = {}
        self.troubles: dict[str, str] = {}
        self.findings: list[Finding] = []

    def note(self, run: ConnectionRun, statuses: Sequence[DeviceStatus]) -> None:
        """Note the statuses of a connection's devices."""
        self.statuses |= {each.device.name: each for each in statuses}
        self.connections |= {each.device.name: run.connection for each in statuses}


class Machine:
    """One machine; its ledger is that of the environment."""

    def __init__(
        self,
        plant: Plant,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        waits: bool = True,
        rounds: int = ROUNDS,
    ) -> None:
        self._transport, self._waits = transport or Lent(plant.transport), waits
        self._rounds = rounds
        self._clock, self._url = clock, plant.url

    async def onboard(self, roster: Roster, name: str = "run") -> Ended:
        """A person's run over the site's whole roster, to its end."""
        ended = Ended()
        expires_at = self._clock.now() + timedelta(days=7)
        async with AsyncExitStack() as stack:
            ledger = self._ledger(stack)
            runs: list[Run] = []
            for connection, devices in sorted(roster.items()):
                system = await stack.enter_async_context(self._opened(connection))
                desired = wanted(
                    *devices, site=SITE, expires_at=expires_at, system_profile=system.profile
                )
                runs.append(self._run(name, connection, system, desired, ledger))
            with disable_run_logger():
                await self._work(runs, roster, ended)
        return ended

    async def night(self) -> Ended:
        """One night over all that the ledger has, which enrolls nothing by itself."""
        ended = Ended()
        async with AsyncExitStack() as stack:
            ledger = self._ledger(stack)
            stack.enter_context(disable_run_logger())
            for connection in ("acusight", "lem", "provision-api"):
                system = await stack.enter_async_context(self._opened(connection))
                await self._inspect(connection, system, ledger, ended)
        return ended

    async def change(self, connection: str, device: Device, kind: type[Retire | Rotate]) -> None:
        """A person's run that retires a device, or rotates its token."""
        async with AsyncExitStack() as stack:
            ledger = self._ledger(stack)
            stack.enter_context(disable_run_logger())
            system = await stack.enter_async_context(self._opened(connection))
            desired = wanted(device, site=SITE, system_profile=system.profile)
            run = self._run(kind.kind.value, connection, system, desired, ledger)
            await self._claim(run)
            await changed(run, kind)
            ledger.claims.close_claim(run.claim, run.now())

    def _ledger(self, stack: AsyncExitStack) -> Ledger:
        """The ledger, in which leases are watched by this machine's clock."""
        ledger = stack.enter_context(open_ledger())
        ledger.claims.watch = Watch(lambda: self._clock.now().timestamp())
        return ledger

    async def _work(self, runs: Sequence[Run], roster: Roster, ended: Ended) -> None:
        claimed: list[Run] = []
        try:
            for run in runs:
                await self._claim(run)
                claimed.append(run)
            first = await asyncio.gather(*(self._first(run, ended) for run in runs))
            names = {
                (run.system.scope, run.connection): [d.name for d in roster[run.connection]]
                for run in runs
            }
            devices = runs[0].ledger.devices
            devices.list_as_ordered(SITE, names, is_whole_site=True, relaxing=none_relaxed)
            pairs = zip(runs, first, strict=True)
            await asyncio.gather(*(self._converge(run, plan, ended) for run, plan in pairs if plan))
        finally:
            for run in claimed:
                run.ledger.claims.close_claim(run.claim, run.now())

    async def _first(self, run: Run, ended: Ended) -> Plan | None:
        try:
            return await self._observed(run)
        except ExpectedError as error:
            ended.troubles[run.connection] = str(error)
            return None

    async def _converge(self, run: Run, plan: Plan, ended: Ended) -> None:
        try:
            plan = await self._last(run, plan)
        except ExpectedError as error:
            ended.troubles[run.connection] = str(error)
        if plan.trouble:
            ended.troubles[run.connection] = plan.trouble
        ended.note(run, (run.assessment or plan.assessment).statuses)

    async def _last(self, run: Run, plan: Plan) -> Plan:
        for _ in range(self._rounds):
            if not plan.actions and plan.assessment.has_converged:
                break
            await execute(run, plan.actions)
            if plan.assessment.is_final:
                break
            if not plan.actions:
                await self._clock.advance(PAUSE)
            run.renew(LEASE)
            plan = await self._observed(run, plan)
        return plan

    async def _observed(self, run: Run, last: Plan | None = None) -> Plan:
        """An observation and its plan; after a failure that may pass, the last one is kept."""
        for _ in range(READS - 1):
            try:
                return plan(run, await observe(run))
            except ApiError as error:
                if not (error.may_pass or error.outcome_unknown):
                    raise
                if last is not None:
                    return Plan(last.assessment, (), trouble=str(error))
        return plan(run, await observe(run))

    async def _inspect(self, connection: str, system: System, ledger: Ledger, ended: Ended) -> None:
        records = ledger.devices.remembered(system.scope)
        listed = [each for each in records if each.is_managed]
        night = await run_over("night", SITE, connection, system, ledger, SITE, listed)
        run = self._run("night", connection, system, night.desired, ledger)
        run.limits = night.limits
        await self._claim(run)
        found = plan(run, await observe(run))
        ended.note(run, found.assessment.statuses)
        ended.findings += inspect(inspected(run, found, records, {}), AT_ONCE, run.now())
        await execute(run, [a for a in found.actions if not isinstance(a, Enroll)])
        ledger.claims.close_claim(run.claim, run.now())

    def _run(
        self, name: str, connection: str, system: System, desired: Desired, ledger: Ledger
    ) -> Run:
        return Run(self._clock, name, SITE, connection, system, desired, ledger)

    async def _claim(self, run: Run) -> None:
        """Claim the run's devices; if it `waits`, until a run that has them is dead."""
        try:
            self._open_claim(run)
        except Claimed as other:
            if not self._waits:
                raise
            await self._clock.advance(other.left)
            self._open_claim(run)

    def _open_claim(self, run: Run) -> None:
        devices, now = run.desired.devices, run.now()
        claims = run.ledger.claims
        run.claim = claims.open_claim(SITE, run.system.scope, run.name, devices, now, LEASE)
        run.held_until = now + LEASE

    @asynccontextmanager
    async def _opened(self, connection: str) -> AsyncIterator[Any]:
        """The system of a connection, over this machine's transport."""
        own: dict[str, Any] = {"_env_file": None, "verify": False, "quota_calls": 0}
        if connection == "lem":
            lem = LemSettings(**own, url=AnyHttpUrl(self._url))
            async with LemClient.connect(lem, self._transport) as client:
                yield Lem(client, lem)
        elif connection == "acusight":
            acusight = AcusightSettings(**own, url=AnyHttpUrl(f"{self._url}/acusight/api"))
            async with AcusightClient.connect(acusight, self._transport) as user:
                yield Acusight(user, acusight)
        else:
            api = ProvisionApiSettings(**own, url=AnyHttpUrl(f"{self._url}/provision"))
            async with ProvisionApiClient.connect(api, self._transport) as admin:
                yield ProvisionApi(admin, api)
