"""Retire: take a device out of service, and watch that nothing admits it again."""

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from fleet.action.action import Retire
from fleet.device.device import Device
from fleet.device.request import Progress, Request
from fleet.device.secret import Secret
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.admission_model import model_of
from fleet.status.status import DeviceStatus
from tasks.device.device_run import last_error, observed_request, open_device, show_steps
from tasks.pipeline.attempt import try_each
from tasks.pipeline.group import Group
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.retries import CHANGES

OUT = {None, Progress.DEACTIVATED, Progress.REJECTED}


class RetirementStep(StrEnum):
    """A step of a retirement, as the table of its run shows it."""

    OBSERVE = "observe"
    PLAN = "plan"
    REVOKE = "revoke"
    BY_HAND = "by hand"
    READ_BACK = "read back"
    REVIVED = "revived"
    WATCHED = "watched"


class Retirement:
    """What was done to retire one device, step by step."""

    def __init__(self, run: ConnectionRun, device: Device) -> None:
        self.run, self.device = run, device
        self.steps: list[tuple[RetirementStep, str, str]] = []  # step, time of day, result
        self.by_people: list[str] = []
        self.unanswered = ""  # what the last revocation was answered, if that left it open
        self.revivals = 0

    def note(self, step: RetirementStep, result: str) -> None:
        """Add a step and its result."""
        self.steps.append((step, f"{self.run.now():%H:%M:%S}Z", result))

    @property
    def last(self) -> RetirementStep:
        """The step that was noted last."""
        return self.steps[-1][0]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The steps as a table."""
        return [{"at": at, "step": step.value, "result": text} for step, at, text in self.steps]

    @property
    def is_known(self) -> bool:
        """Whether the ledger has the device."""
        known = self.run.ledger.devices.of_site(self.run.desired.site, self.run.system.scope)
        return self.device.name in {each.name for each in known}

    @property
    def message(self) -> str:
        """The last result: *gw-1 of plant-7: out of service*."""
        return f"{self.device.name} of {self.run.desired.site}: {self.steps[-1][2]}"


async def remove_from_service(
    site: str, device: Device, connection: str, watch: timedelta, dry_run: bool
) -> RunState[Any]:
    """Revoke, read back, then watch; or say what a person has to do by hand."""
    async with open_device(site, device, connection, dry_run) as (run, device):
        done = Retirement(run, device)
        found = await observed_request(run)
        done.note(RetirementStep.OBSERVE, _shown(found, run))
        if not dry_run:
            await _retire(done, found, watch)
        elif _is_in(found):
            done.note(RetirementStep.PLAN, "it would be taken out of service")
        await show_steps(site, device.name, "retiring", done.rows, done.message)
        return _concluded(done, dry_run)


def _shown(request: Request | None, run: ConnectionRun) -> str:
    """What an observation showed, in words."""
    if request is None:
        can_find = model_of(run.system.profile).can_find(run.desired.devices[0])
        message = f"{run.system.scope} shows no such device"
        return message if can_find else f"{message}; give its host id, by which it is found there"
    status = request.status or request.progress.value
    detail = f" ({request.message})" if request.message else ""
    return f"{run.system.scope} lists it as {status}{detail}"


async def _retire(done: Retirement, found: Request | None, watch: timedelta) -> None:
    """Revoke it if it is in service, then watch; each step is noted by what was observed."""
    if found or done.is_known:  # so that no night admits it, and each reports it when it is in
        _remember(done)
    if found and _is_in(found):
        found = await _revoked(done, found)
    if found and found.progress is Progress.DEACTIVATED:  # an unused code could admit it again
        await result_of(_watch(done, done.run.now() + watch, f"watch {done.device.name}"))


def _is_in(found: Request | None) -> bool:
    return found is not None and found.progress not in OUT


async def _revoked(done: Retirement, found: Request) -> Request | None:
    """Have the system revoke it, then read back what it shows."""
    run, device = done.run, done.device
    action = Retire(device, found, "retired by this run")
    done.by_people += await result_of(retire(run, Group([action], [device.name], run.now())))
    run.has_acted = True
    done.unanswered = last_error(run)
    if done.unanswered:
        done.note(RetirementStep.REVOKE, f"it is unknown whether it was revoked: {done.unanswered}")
    for text in done.by_people[:1]:
        done.note(RetirementStep.BY_HAND, text)
    if done.by_people:
        return found
    back = await observed_request(run)
    done.note(RetirementStep.READ_BACK, _shown(back, run))
    return back


@task(task_run_name="{aim}", cache_policy=NO_CACHE)
async def _watch(done: Retirement, until: datetime, aim: str) -> None:
    """Observe now and then until `until`: an unused code can admit a revoked device again."""
    run = done.run
    while (left := until - run.now()) > timedelta():
        gap = max(run.settings.watch_gap, run.least_gap)
        await asyncio.sleep(min(gap, left).total_seconds())
        found = await observed_request(run)
        if found and _is_in(found):
            done.revivals += 1
            reason = "it is in service again, perhaps by a code that was not used"
            done.note(RetirementStep.REVIVED, reason)
            found = await _revoked(done, found)
        if _is_in(found):
            return
    again = ", and revoked again" if done.revivals else ""
    done.note(RetirementStep.WATCHED, f"out of service{again}")


@task(task_run_name="retire {group}", **CHANGES)
@failing_plainly
async def retire(run: ConnectionRun, group: Group[Retire]) -> list[str]:
    """Have the system take the device out of service; what a person has to do by hand, if any."""
    by_people: list[str] = []

    async def attempt(action: Retire) -> tuple[Secret, ...]:
        if left := await run.system.retire(run.desired.site, action.device, run.keyring):
            by_people.append(left)
        return ()

    await try_each(run, group, attempt)
    return by_people


def _remember(done: Retirement) -> None:
    """Write down that the device is to be out of service."""
    reason = "to be out of service, as a run was asked to"
    status = DeviceStatus(done.device, State.RETIRED, ReasonCode.RETIRED, reason)
    done.run.ledger.devices.save(done.run.claim, Assessment((status,), ()), done.run.now())


def _concluded(done: Retirement, dry_run: bool) -> RunState[Any]:
    if dry_run:
        return Completed(name="Dry run", message=f"Dry run, nothing was changed: {done.message}")
    if done.by_people:
        return Completed(name="By hand", message=done.message)
    if done.last in {RetirementStep.WATCHED, RetirementStep.OBSERVE}:
        return Completed(message=done.message)
    if done.unanswered:
        message = f"{done.message}. Revoking it failed: {done.unanswered}. Then run this again"
        return Failed(message=message)
    return Failed(message=f"{done.message}, although it was revoked")
