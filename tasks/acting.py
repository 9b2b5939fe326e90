"""Acting: one kind of side effect per task, each written down before and after it is tried."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prefect import task
from prefect.logging import get_run_logger

from clients.errors import ApiError, Unreachable
from fleet.action import Adopt, Approve, Confirm, Enrol, Reject, Retry
from fleet.request import Request
from ledger import grants, journal
from ledger.journal import Act, Outcome, Result
from tasks.expected import ACT, failing_plainly
from tasks.group import Group
from tasks.run import Run

A = TypeVar("A", bound=Act)


@task(task_run_name="create activation config for {group}", **ACT)
@failing_plainly
async def create_activation_config(run: Run, group: Group[Enrol]) -> None:
    """Make what lets devices in. A lost answer makes no second one: the next look finds it.

    What is refused fails its own devices in this run, and no others.
    """
    refusal: ApiError | None = None
    while group.acts:
        error = await _enrolment_error(run, group.acts[0])
        if error and _was_not_sent(error):
            raise error
        if error and not error.outcome_unknown:
            refusal = error
            names = (device.name for device in group.acts[0].devices)
            run.refused_enrolments |= dict.fromkeys(names, str(error))
        group.acts.pop(0)
    if refusal:
        raise refusal


async def _enrolment_error(run: Run, enrol: Enrol) -> ApiError | None:
    """Try once to make an enrolment: intent, call, outcome."""
    async with run.turns:  # the intent checks our claim, so it must not wait before its call
        mark = grants.intend_enrolment(run.engine, run.batch, enrol, run.now())
        try:
            made = await run.system.enrol(mark, enrol.capacity)
        except ApiError as error:
            if error.outcome_unknown:
                get_run_logger().warning("%s. The next look will tell whether it was made.", error)
            elif not enrol.again:  # of an earlier try, nobody knows yet what came of it
                grants.forget(run.engine, run.batch, mark)
            return error
    grants.settle_enrolment(run.engine, run.batch, mark, made.id)
    return None


@task(task_run_name="adopt activation config for {group}", **ACT)
@failing_plainly
async def adopt_activation_config(run: Run, group: Group[Adopt]) -> None:
    """Remember that devices ask by a config that was in the system before."""
    for action in group.acts:
        grants.adopt(run.engine, run.batch, action, run.now())


@task(task_run_name="approve {group}", **ACT)
@failing_plainly
async def approve(run: Run, group: Group[Approve]) -> None:
    """Let devices in. What was approved is never approved again; see `_try_each`."""
    await _try_each(run, group, run.system.approve)


@task(task_run_name="reject {group}", **ACT)
@failing_plainly
async def reject(run: Run, group: Group[Reject]) -> None:
    """Turn devices away."""
    await _try_each(run, group, run.system.reject)


@task(task_run_name="retry failed provisioning of {group}", **ACT)
@failing_plainly
async def retry_failed_provisioning(run: Run, group: Group[Retry]) -> None:
    """Have the system run provisioning again that failed for a reason which may have passed."""
    await _try_each(run, group, run.system.retry)


@task(task_run_name="confirm {group}", **ACT)
@failing_plainly
async def confirm_device(run: Run, group: Group[Confirm]) -> None:
    """Record devices that the system lists, every stage done or skipped, as in service."""
    journal.confirm(run.engine, run.batch, group.acts, run.now())


async def _try_each(
    run: Run, group: Group[A], attempt: Callable[[Request], Awaitable[None]]
) -> None:
    """Try every act once: intent, call, outcome. Raises for what was refused or never sent.

    Prefect retries only what was never sent. An act without an answer stays open in the journal,
    and the next look settles it.
    """
    acts = list(group.acts)
    intents = journal.intend(run.engine, run.batch, acts, run.now())
    errors = await asyncio.gather(*(_error(run, attempt, act.request) for act in acts))
    results = {i: _result(error) for i, error in zip(intents, errors, strict=True)}
    journal.settle(run.engine, results, run.now())
    group.acts = [a for a, e in zip(acts, errors, strict=True) if _was_not_sent(e)]
    told = sorted((e for e in errors if e), key=lambda e: (e.outcome_unknown, not e.may_pass))
    for error in told[:5]:
        get_run_logger().warning("%s: %s", group, error)
    if told and not told[0].outcome_unknown:
        raise told[0]


async def _error(
    run: Run, attempt: Callable[[Request], Awaitable[None]], request: Request
) -> ApiError | None:
    async with run.turns:
        if run.has_lapsed:
            return Unreachable("claim", "it was not renewed in time, so nothing was sent")
        try:
            await attempt(request)
        except ApiError as error:
            return error
    return None


def _was_not_sent(error: ApiError | None) -> bool:
    return error is not None and error.may_pass and not error.outcome_unknown


def _result(error: ApiError | None) -> Result:
    if error is None:
        return Result(Outcome.DONE)
    if error.outcome_unknown:
        return Result(None, str(error))
    return Result(Outcome.NOT_DONE if error.may_pass else Outcome.REFUSED, str(error))
