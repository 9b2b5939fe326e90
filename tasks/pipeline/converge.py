"""Converge: execute, observe and plan, until nothing is left to do or the wait limit is reached."""

import asyncio
from datetime import datetime, timedelta

from prefect import task
from prefect.logging import get_run_logger

from fleet.action.action import Action, Approve, Confirm, Hold, Retry
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.status.admission_model import model_of
from fleet.status.status import DeviceStatus
from ledger.database.engine import LedgerAway
from systems.shared.errors import ApiError
from tasks.pipeline.execute import execute
from tasks.pipeline.plan import Plan, observe_and_plan, warnings
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.progress import RunProgress
from tasks.runtime.retries import READS


async def converge(
    run: ConnectionRun, progress: RunProgress, deadline: datetime, plan: Plan
) -> Plan:
    """Execute, observe and plan until the site converges; the last plan says how far it came.

    After the deadline, devices in service are still confirmed, and nothing else is begun. The
    last plan is never older than the deadline, however long it took to execute the one before.
    """
    while not run.is_dry:
        is_late = run.now() >= deadline
        has_ended = is_late and is_last(run, deadline, plan)
        if not plan.actions and (has_ended or plan.assessment.has_converged):
            break
        is_first = run.observations <= 1
        actions = plan.actions if is_first or not is_late else _only_recorded(plan.actions)
        is_done = await _is_executed(run, actions)
        if is_done and ((has_ended and not is_first) or plan.assessment.is_final):
            break
        word = model_of(run.system.profile).awaits(run.desired)
        aim = waiting_for(plan.assessment, run.subject, word)
        plan = await observe_until(run, progress, deadline, plan, aim)
    return plan


async def _is_executed(run: ConnectionRun, actions: tuple[Action, ...]) -> bool:
    """Execute; False when the ledger was away, so that an observation is to show what was done."""
    try:
        await execute(run, actions)
    except LedgerAway as away:
        await run.pause(away)
        return False
    return True


def is_last(run: ConnectionRun, deadline: datetime, plan: Plan) -> bool:
    """Whether `plan` is as new as the deadline, or its system does not answer any more."""
    return bool(plan.trouble) or run.observed_at >= deadline


async def observe_until(
    run: ConnectionRun, progress: RunProgress, deadline: datetime, last: Plan | None, aim: str
) -> Plan:
    """Observe until something is to be done, nothing is left to wait for, or `deadline` is reached.

    It is one task run, named by its `aim`: *wait for request of edge-042*. When the system stops
    answering after the `last` plan, it waits for it, and every device keeps its status.
    """
    plan: Plan = await result_of(_observe_until(run, progress, deadline, last, aim))
    return plan


@task(task_run_name="{aim}", **READS)
@failing_plainly
async def _observe_until(
    run: ConnectionRun, progress: RunProgress, deadline: datetime, last: Plan | None, aim: str
) -> Plan:
    """The same, as the task: the gap between observations grows while nothing changes.

    The last observation begins when the deadline is reached. One that fails then is made again, as
    often as a call that only reads.
    """
    late = 0  # observations that began after the deadline
    gap = first = max(run.settings.observe_gap_min, run.least_gap)
    if last is not None and not last.actions:
        await asyncio.sleep(min(gap, max(deadline - run.now(), timedelta())).total_seconds())
    while True:
        late += run.now() >= deadline
        before, last = last, await _observe_again(run, last)
        await progress.update(run.connection, last.assessment)
        for warning in warnings(run, last) if before is None else ():
            get_run_logger().warning("%s", warning)
        has_ended = late > (READS["retries"] if last.trouble else 0)
        if has_ended or last.actions or last.assessment.has_converged:
            return last
        changed = before is None or before.assessment.counts != last.assessment.counts
        gap = first if changed else max(first, min(gap * 1.5, run.settings.observe_gap_max))
        left = max(deadline - run.now(), timedelta())
        await asyncio.sleep((gap if late else min(gap, left)).total_seconds())


async def _observe_again(run: ConnectionRun, last: Plan | None) -> Plan:
    try:
        return await observe_and_plan(run)
    except LedgerAway as away:
        await run.pause(away)
        if last is None:
            raise
        return Plan(last.assessment, (), trouble=str(away))
    except ApiError as error:
        if last is None or not (error.may_pass or error.outcome_unknown):
            raise
        get_run_logger().warning("%s. Observing again later.", error)
        return Plan(last.assessment, (), trouble=str(error))


def waiting_for(assessment: Assessment, subject: str, word: str = "request") -> str:
    """What is waited for once the plan is executed: *wait for 2 requests at plant-7*."""
    if not word:
        return f"observe {subject}"
    requests = sum(1 for s in assessment.statuses if _awaits_request(s))
    provisioning = sum(1 for s in assessment.statuses if _awaits_provisioning(s))
    if len(assessment.statuses) == 1:
        aims = [word] * requests + ["provisioning"] * provisioning
    else:
        aims = [f"{requests} {word}{'s' * (requests > 1)}"] if requests else []
        aims += [f"{provisioning} to be provisioned"] if provisioning else []
    where = "of" if len(assessment.statuses) == 1 else "at"
    return f"wait for {' and '.join(aims)} {where} {subject}" if aims else f"observe {subject}"


def _awaits_request(status: DeviceStatus) -> bool:
    is_deleted = status.state is State.APPROVAL_NOT_SHOWN and status.request is None
    has_to_ask = status.state in {State.NOT_ENROLLED, State.WAITING} or is_deleted
    return has_to_ask and status.action is None


def _awaits_provisioning(status: DeviceStatus) -> bool:
    is_approved = status.state is State.APPROVAL_NOT_SHOWN and status.request is not None
    is_on_its_way = is_approved or status.state is State.PROVISIONING
    return is_on_its_way or isinstance(status.action, Approve | Retry)


def _only_recorded(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """The actions that only write into the ledger."""
    return tuple(action for action in actions if isinstance(action, Confirm | Hold))
