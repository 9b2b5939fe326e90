"""Acting: one kind of side effect per task, each written down before and after it is tried."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from prefect import task
from prefect.logging import get_run_logger
from sqlalchemy.exc import OperationalError

from clients.errors import ApiError, Unreachable
from fleet.action import Adopt, Approve, Confirm, Enrol, Reject, Retry
from fleet.secret import Secret
from ledger import grants, journal
from ledger.journal import Act, Outcome, Result
from tasks.expected import ACT, failing_plainly
from tasks.group import Group
from tasks.run import Run

A = TypeVar("A", bound=Act)
Attempt = Callable[[A], Awaitable[tuple[Secret, ...]]]


@task(task_run_name="{run.system.manner.enrol} {group}", **ACT)
@failing_plainly
async def enrol(run: Run, group: Group[Enrol]) -> None:
    """Make what lets devices in. A lost answer makes no second one: the next look finds it.

    A code that is told only this once is sealed in the ledger before anything else is done. What
    is refused fails its own devices in this run, and no others.
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


async def _enrolment_error(run: Run, action: Enrol) -> ApiError | None:
    """Try once to make an enrolment: intent, call, outcome."""
    async with run.turns:
        # The intent checks our claim, so that nothing may be waited for between it and its call.
        await run.system.turn(run.system.manner.enrol_calls)
        mark = grants.intend_enrolment(run.engine, run.batch, action, run.now())
        run.enrolled += action.devices
        try:
            made = await run.system.enrol(run.desired.site, action, mark)
        except ApiError as error:
            if error.outcome_unknown:
                get_run_logger().warning("%s. The next look will tell whether it was made.", error)
            elif not action.again:  # of an earlier try, nobody knows yet what came of it
                grants.forget(run.engine, run.batch, mark)
            return error
    also = run.sealed(made.secrets)
    await firmly(
        lambda: grants.settle_enrolment(run.engine, run.batch, mark, made.enrolment.id, also)
    )
    return None


@task(task_run_name="adopt {run.system.manner.enrolment} for {group}", **ACT)
@failing_plainly
async def adopt(run: Run, group: Group[Adopt]) -> None:
    """Remember that devices ask by an enrolment that was in the system before."""
    for action in group.acts:
        grants.adopt(run.engine, run.batch, action, run.now())


@task(task_run_name="{run.system.manner.admit} {group}", **ACT)
@failing_plainly
async def admit(run: Run, group: Group[Approve]) -> None:
    """Let devices in. Who was let in is never let in again; see `try_each`."""

    async def attempt(act: Approve) -> tuple[Secret, ...]:
        return await run.system.admit(act.device, act.request, run.keyring)

    await try_each(run, group, attempt)


@task(task_run_name="reject {group}", **ACT)
@failing_plainly
async def reject(run: Run, group: Group[Reject]) -> None:
    """Turn devices away."""

    async def attempt(act: Reject) -> tuple[Secret, ...]:
        await run.system.reject(act.request)
        return ()

    await try_each(run, group, attempt)


@task(task_run_name="retry failed provisioning of {group}", **ACT)
@failing_plainly
async def retry_failed_provisioning(run: Run, group: Group[Retry]) -> None:
    """Have the system run provisioning again that failed for a reason which may have passed."""

    async def attempt(act: Retry) -> tuple[Secret, ...]:
        await run.system.retry(act.request)
        return ()

    await try_each(run, group, attempt)


@task(task_run_name="confirm {group}", **ACT)
@failing_plainly
async def confirm_device(run: Run, group: Group[Confirm]) -> None:
    """Record devices that the system lists, every stage done or skipped, as in service."""
    journal.confirm(run.engine, run.batch, group.acts, run.now())


async def try_each(run: Run, group: Group[A], attempt: Attempt[A]) -> None:
    """Try every act once: intent, call, outcome. Raises for what was refused or never sent.

    Prefect retries only what was never sent. An act without an answer stays open in the journal,
    and the next look settles it.
    """
    acts = list(group.acts)
    intents = journal.intend(run.engine, run.batch, acts, run.now())
    tries = zip(acts, intents, strict=True)
    errors = await asyncio.gather(*(_error(run, attempt, act, id_) for act, id_ in tries))
    results = {i: _result(error) for i, error in zip(intents, errors, strict=True)}
    journal.settle(run.engine, results, run.now())
    group.acts = [a for a, e in zip(acts, errors, strict=True) if _was_not_sent(e)]
    told = sorted((e for e in errors if e), key=lambda e: (e.outcome_unknown, not e.may_pass))
    for error in told[:5]:
        get_run_logger().warning("%s: %s", group, error)
    if told and not told[0].outcome_unknown:
        raise told[0]


async def _error(run: Run, attempt: Attempt[A], act: A, intent: int) -> ApiError | None:
    """Try one act; a key that is told only this once is sealed with its outcome, at once."""
    async with run.turns:
        await run.system.turn(run.system.manner.admit_calls)
        if run.has_lapsed:
            return Unreachable("claim", "it was not renewed in time, so nothing was sent")
        try:
            told = await attempt(act)
        except ApiError as error:
            return error
        if told:
            done, also = {intent: Result(Outcome.DONE)}, run.sealed(told)
            await firmly(lambda: journal.settle(run.engine, done, run.now(), also))
    return None


async def firmly(write: Callable[[], None], pauses: Sequence[float] = (0.5, 2, 5)) -> None:
    """Write what cannot be had a second time, also when the ledger is away for a moment."""
    for pause in pauses:
        try:
            return write()
        except OperationalError as error:
            get_run_logger().warning(
                "The ledger is away (%s). Trying again.", type(error.orig).__name__
            )
            await asyncio.sleep(pause)
    return write()


def _was_not_sent(error: ApiError | None) -> bool:
    return error is not None and error.may_pass and not error.outcome_unknown


def _result(error: ApiError | None) -> Result:
    if error is None:
        return Result(Outcome.DONE)
    if error.outcome_unknown:
        return Result(None, str(error))
    if error.key_lost:
        return Result(Outcome.KEY_LOST, str(error))
    return Result(Outcome.NOT_DONE if error.may_pass else Outcome.REFUSED, str(error))
