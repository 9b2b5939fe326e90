"""The steps of the flows as plain functions: each task without what Prefect does around it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fleet.action.action import (
    Action,
    Adopt,
    Approve,
    Confirm,
    Hold,
    Reject,
    Retire,
    Retry,
    Rotate,
)
from fleet.device.request import Progress
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from fleet.system.enroll import Enroll
from systems.shared.errors import ApiError
from tasks.device.retire import retire
from tasks.device.rotate import rotate
from tasks.pipeline.actions import (
    admit,
    adopt,
    confirm_device,
    enroll,
    reject,
    retry_failed_provisioning,
)
from tasks.pipeline.decisions import record_decisions
from tasks.pipeline.group import Group
from tasks.pipeline.observe import observe
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.expected import result_of

STEPS: dict[type[Any], Any] = {
    Adopt: adopt,
    Enroll: enroll,
    Approve: admit,
    Reject: reject,
    Retry: retry_failed_provisioning,
    Confirm: confirm_device,
}


async def execute(run: ConnectionRun, actions: Sequence[Action]) -> None:
    """Do what was planned, a task for each kind of action; what is refused is recorded."""
    run.ledger.holds.hold(run.claim, [a for a in actions if isinstance(a, Hold)], run.now())
    record_decisions(run, actions)
    for kinds in ((Adopt,), (Enroll,), (Approve, Reject, Retry, Confirm)):
        steps = (_step(run, [a for a in actions if isinstance(a, kind)]) for kind in kinds)
        for outcome in await asyncio.gather(*steps, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome


async def _step(run: ConnectionRun, actions: Sequence[Any]) -> None:
    if not actions:
        return
    group = Group(actions, ["these"], run.now())
    try:
        await result_of(STEPS[type(actions[0])].fn(run, group))
    except ApiError:
        return  # it is recorded, and the next plan reads that


async def changed(run: ConnectionRun, kind: type[Retire | Rotate]) -> None:
    """Retire the run's only device, or rotate its token, as those flows do."""
    (device,) = run.desired.devices
    found = next(each for each in (await observe(run)).requests if each.device == device.name)
    group = Group([kind(device, found, "by this run")], [device.name], run.now())
    if kind is Rotate:
        await result_of(rotate.fn(run, run.system, group))
        return
    retired = DeviceStatus(device, State.RETIRED, ReasonCode.RETIRED, "to be out of service")
    run.ledger.devices.save(run.claim, Assessment((retired,), ()), run.now())
    if found.progress is not Progress.DEACTIVATED:
        await result_of(retire.fn(run, group))
