"""Actions: one task per side effect, each recorded before and after it is tried."""

from contextlib import suppress

from prefect import task
from prefect.logging import get_run_logger

from fleet.action.action import Adopt, Approve, Confirm, Reject, Retry
from fleet.device.secret import Secret
from fleet.status.admission_model import model_of
from fleet.system.enroll import Enroll
from ledger.state.claims import ClaimLost
from systems.shared.errors import ApiError
from systems.shared.pace import checked
from tasks.pipeline.attempt import NotSent, try_each, while_held
from tasks.pipeline.group import Group, is_retry
from tasks.pipeline.recheck import Recheck
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.expected import failing_plainly
from tasks.runtime.outage import until_back, written
from tasks.runtime.retries import CHANGES, was_not_sent


@task(task_run_name="{run.system.profile.enroll} {group}", **CHANGES)
@failing_plainly
async def enroll(run: ConnectionRun, group: Group[Enroll]) -> None:
    """Make enrollments. A lost answer makes no second one: the next observation finds the first.

    A code that is shown only once is sealed in the ledger before anything else is done. An
    enrollment that is refused fails its own devices in this run, and no others.
    """
    refusal: ApiError | None = None
    for action in _to_enroll(run, group):
        error = await _enrollment_error(run, action)
        if error and was_not_sent(error):
            raise error
        if error and not error.outcome_unknown:
            refusal = error
            names = (device.name for device in action.devices)
            run.refused_enrollments |= dict.fromkeys(names, str(error))
    if refusal:
        raise refusal


def _to_enroll(run: ConnectionRun, group: Group[Enroll]) -> tuple[Enroll, ...]:
    """All of them; in a retry, those that were neither asked for nor refused before."""
    if not is_retry():
        return group.actions
    past = (
        run.ledger.enrollments.asked_since(run.claim, group.since) | run.refused_enrollments.keys()
    )
    return tuple(a for a in group.actions if past.isdisjoint(d.name for d in a.devices))


async def _enrollment_error(run: ConnectionRun, action: Enroll) -> ApiError | None:
    """Try once to make an enrollment: intent, call, outcome; the error, if any.

    None is made whose code would expire before its turn, as the last answers show; it is planned
    again. Raises LedgerAway when the ledger stays away, before the call or with a code that is then
    lost.
    """
    async with run.turns:
        if not run.has_room:
            return None
        # The intent checks our claim, so nothing may wait between it and its call.
        await run.system.turn(run.system.profile.enroll_calls)
        await until_back(run.ledger)
        fingerprint = run.ledger.enrollments.intend(run.claim, action, run.now())
        try:
            with while_held(run):
                _warn_of_lost_code(run, action)
                made = await run.system.enroll(run.desired.site, action, fingerprint)
        except NotSent as error:
            withdraw = run.ledger.enrollments.withdraw
            with suppress(ClaimLost):  # then that run resolves it as unknown
                await written(
                    run.ledger, lambda: withdraw(run.claim, fingerprint, action.asked_before)
                )
            return error
        except ApiError as error:
            if error.outcome_unknown:
                answer = str(error)
                get_run_logger().warning(
                    "%s. The next observation will show whether it was made.", answer
                )
                note = run.ledger.enrollments.unanswered
                await written(run.ledger, lambda: note(run.claim, fingerprint, answer))
            else:
                forget = run.ledger.enrollments.forget
                await written(
                    run.ledger, lambda: forget(run.claim, fingerprint, action.asked_before)
                )
            run.enrolled += () if was_not_sent(error) else action.devices
            return error
    run.enrolled += action.devices
    run.learn_code_life(made.enrollment)
    also = run.sealed(made.secrets)
    resolve = run.ledger.enrollments.resolve
    await run.seal(made.secrets, lambda: resolve(run.claim, fingerprint, made.enrollment.id, also))
    return None


def _warn_of_lost_code(run: ConnectionRun, action: Enroll) -> None:
    """Say that a code may be alive that nobody holds, where no call can end it."""
    life, asked = run.system.profile.code_life, action.asked_before
    if life and asked and asked + life > run.now():
        get_run_logger().warning(
            "A code of %s was lost with its answer. If it was made, it works until %s UTC: %s has "
            "no call to revoke it.",
            ", ".join(device.name for device in action.devices),
            f"{asked + life:%Y-%m-%d %H:%M}",
            run.system.profile.system,
        )


@task(task_run_name="adopt {run.system.profile.enrollment} for {group}", **CHANGES)
@failing_plainly
async def adopt(run: ConnectionRun, group: Group[Adopt]) -> None:
    """Record that devices ask by an enrollment that the system had before."""
    for action in group.actions:
        run.ledger.enrollments.adopt(run.claim, action, run.now())


@task(task_run_name="{run.system.profile.admit} {group}", **CHANGES)
@failing_plainly
async def admit(run: ConnectionRun, group: Group[Approve], recheck: Recheck | None = None) -> None:
    """Admit devices. A device that was admitted is never admitted again; see `try_each`.

    As whom one is admitted that asked is recorded before: later observations are compared with it.
    """
    recheck = recheck or Recheck(run)
    if model_of(run.system.profile).asks_again:
        run.ledger.devices.admit(run.claim, group.actions)

    async def attempt(action: Approve) -> tuple[Secret, ...]:
        with checked(await recheck.check(action)):
            return await run.system.admit(action.device, action.request, run.keyring)

    await try_each(run, group, attempt)


@task(task_run_name="reject {group}", **CHANGES)
@failing_plainly
async def reject(run: ConnectionRun, group: Group[Reject]) -> None:
    """Reject devices."""

    async def attempt(action: Reject) -> tuple[Secret, ...]:
        await run.system.reject(action.request)
        return ()

    await try_each(run, group, attempt)


@task(task_run_name="retry failed provisioning of {group}", **CHANGES)
@failing_plainly
async def retry_failed_provisioning(run: ConnectionRun, group: Group[Retry]) -> None:
    """Have the system run failed provisioning again."""

    async def attempt(action: Retry) -> tuple[Secret, ...]:
        await run.system.retry(action.request)
        return ()

    await try_each(run, group, attempt)


@task(task_run_name="confirm {group}", **CHANGES)
@failing_plainly
async def confirm_device(run: ConnectionRun, group: Group[Confirm]) -> None:
    """Record devices as in service: the system lists them, every stage done or skipped."""
    run.ledger.devices.confirm(run.claim, group.actions, run.now())
