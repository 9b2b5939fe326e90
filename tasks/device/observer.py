"""The device observer: how each system shows one device now. It changes nothing anywhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort

from connections.named import find, known
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.inspection import inspect
from fleet.nightly.rule import NightRule
from fleet.nightly.rules import NightRules
from fleet.nightly.story import DeviceObservation, Home, Story
from fleet.planning.pipeline_step import step_of
from fleet.state.device_state import State
from fleet.state.pipeline_step import PipelineStep
from fleet.state.record import DeviceRecord
from fleet.status.admission_model import model_of
from fleet.status.status import DeviceStatus
from fleet.system.system import System
from fleet.text.expected import ExpectedError
from ledger.session import Ledger
from tasks.device.step_modules import modules
from tasks.nightly.inspection import inspected, run_over
from tasks.pipeline.observe import Observe
from tasks.pipeline.plan import Plan, plan
from tasks.runtime.connection_run import ConnectionRun, utc_now

NOWHERE = "no connection that is set up leads there"
# Reports a finding of any age, as a night does not.
AT_ONCE = NightRules({kind: NightRule() for kind in FindingKind})


@dataclass(frozen=True)
class DeviceObserver:
    """Observes one device by each connection by which the ledger knows it."""

    ledger: Ledger
    story: Story
    observe: Observe

    async def by(self, connection: str) -> list[DeviceObservation]:
        """By `connection`, or by each connection by which the ledger knows the device."""
        homes = self.story.homes
        if connection:
            asked, guessed = {connection}, set[str]()
        else:
            asked = {home.record.connection for home in homes} - {""}
            guessed = await self._candidates() - asked
        found = await asyncio.gather(
            *(self._by(name, is_asked=name in asked) for name in sorted(asked | guessed))
        )
        observations = [observation for observation in found if observation]
        seen = {observation.place for observation in observations}
        unseen = [home for home in homes if home.record.scope not in seen and not connection]
        return [*observations, *(_unseen(home, NOWHERE) for home in unseen)]

    async def _candidates(self) -> set[str]:
        """All connections, where the ledger does not say by which one the device came in."""
        if all(home.record.connection for home in self.story.homes):
            return set()
        try:
            return {each.name for each in await known() if each.is_set_up}
        except ExpectedError:
            return set()

    async def _by(self, name: str, is_asked: bool) -> DeviceObservation | None:
        """One observation by that connection; None when it was a guess and leads elsewhere."""
        homes = self.story.homes
        home = next((each for each in homes if each.record.connection == name), None)
        try:
            found = await find(name)
            async with found.opened() as system:
                home = next((each for each in homes if each.record.scope == system.scope), None)
                if home is None and not is_asked:
                    return None
                return await self._shown(name, system, home)
        except ExpectedError as error:
            if home:
                return _unseen(home, str(error))
            return DeviceObservation("", name, not_checked=str(error)) if is_asked else None

    async def _shown(self, name: str, system: System, home: Home | None) -> DeviceObservation:
        record = (home or self.story.homes[0]).record
        here = [
            each
            for each in self.ledger.devices.remembered(system.scope)
            if each.site == self.story.site and each.connection in {name, ""}
        ]
        run = await self._run(name, system, record, here)
        found = plan(run, await self.observe(run))
        status = next(s for s in found.assessment.statuses if s.device.name == record.device.name)
        request, past = status.request, found.memory.for_device(record.device)
        enrollment_id = next((g.enrollment_id for g in reversed(past.enrollments)), None)
        device_id = request.device_id if request else past.confirmed_as
        is_watched = any(each.is_on_its_way for each in here)
        step = step_of(status, past, found.assessment.holds) if record.is_managed else None
        return DeviceObservation(
            place=system.scope,
            connection=name,
            home=home,
            observed=run.now(),
            status=status,
            system_profile=system.profile,
            findings=self._findings(run, found, status, home),
            enrollment=found.observed.enrollment_by_id.get(enrollment_id or ""),
            is_serving=device_id in found.observed.present,
            is_watched=is_watched,
            next_run=await _next_run(is_watched),
            step=step,
            modules=modules(step, system) if step else (),
        )

    def _findings(
        self, run: ConnectionRun, plan: Plan, status: DeviceStatus, home: Home | None
    ) -> list[Finding]:
        """What a night would find about the device, however recent it is."""
        name, record = status.device.name, home.record if home else None
        is_retired = record is not None and record.state is State.RETIRED
        first_seen = {key: it.first_seen for key, it in self.ledger.findings.known().items()}
        here = inspected(run, plan, [record] if record else [], first_seen)
        seen = replace(
            here,
            statuses=() if is_retired else (status,),
            # Out of service is what a retired device should be; only what it asks is for people.
            holds=tuple(each for each in status.holds if each.evidence or not is_retired),
            records={name: record} if record else {},
            open_intents=[each for each in here.open_intents if each.device == name],
        )
        now_found = inspect(seen, AT_ONCE, run.now())
        return [each for each in now_found if not each.kind.record.is_of_list]

    async def _run(
        self, name: str, system: System, record: DeviceRecord, here: Sequence[DeviceRecord]
    ) -> ConnectionRun:
        """A dry run over the devices that a night observes with it, so that findings agree.

        Where a system shows only named devices, it is observed alone: each may cost a call.
        """
        is_alone = model_of(system.profile).shows_only_named
        others = [] if is_alone else [it for it in here if it.device != record.device]
        wanted = [record, *(each for each in others if each.is_managed)]
        subject = f"{record.device.name} by {name}"
        return await run_over(
            f"explain {record.device.name}", subject, name, system, self.ledger, record.site, wanted
        )


async def _next_run(is_watched: bool) -> datetime | None:
    """When reconcile-sites runs next by its schedules; None where no Prefect server answers.

    The nightly run observes every site, the frequent one only where a device is on its way.
    """
    scheduled = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    try:
        async with get_client() as client:
            runs = await client.read_flow_runs(
                flow_filter=FlowFilter(name=FlowFilterName(any_=["reconcile-sites"])),
                flow_run_filter=FlowRunFilter(state=scheduled),
                sort=FlowRunSort.EXPECTED_START_TIME_ASC,
            )
    except (httpx.HTTPError, RuntimeError):
        return None
    coming = (run for run in runs if is_watched or run.parameters.get("report", True))
    times_ = (run.expected_start_time for run in coming if run.expected_start_time)
    return next((each for each in times_ if each > utc_now()), None)


def _unseen(home: Home, why: str) -> DeviceObservation:
    return DeviceObservation(
        home.record.scope,
        home.record.connection,
        home,
        not_checked=why,
        step=PipelineStep.OBSERVE,
        modules=modules(PipelineStep.OBSERVE, None),
    )
