"""An attempt: each action is tried once, and recorded in the journal before and after."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from prefect.logging import get_run_logger
from sqlalchemy.exc import OperationalError

from fleet.device.secret import Secret
from ledger.state.journal import Journaled, Outcome, Result
from systems.shared.errors import ApiError, Unreachable
from tasks.pipeline.group import Group, is_retry
from tasks.runtime.connection_run import ConnectionRun

A = TypeVar("A", bound=Journaled)
Attempt = Callable[[A], Awaitable[tuple[Secret, ...]]]


async def try_each(run: ConnectionRun, group: Group[A], attempt: Attempt[A]) -> None:
    """Try every action once: intent, call, outcome. Raises when one was refused or never sent.

    Prefect then retries only what the journal says was never sent. An action without an answer
    stays open there, and the next observation resolves it.
    """
    actions = _to_try(run, group)
    intents = run.ledger.journal.intend(run.claim, actions, run.now())
    tries = zip(actions, intents, strict=True)
    errors = await asyncio.gather(*(_error(run, attempt, action, id_) for action, id_ in tries))
    results = {i: _result(error) for i, error in zip(intents, errors, strict=True)}
    run.ledger.journal.resolve(results, run.now())
    failed = sorted((e for e in errors if e), key=lambda e: (e.outcome_unknown, not e.may_pass))
    for error in failed[:5]:
        get_run_logger().warning("%s: %s", group, error)
    if failed and not failed[0].outcome_unknown:
        raise failed[0]


def _to_try(run: ConnectionRun, group: Group[A]) -> Sequence[A]:
    """All of them; in a retry, those that the last try did not send."""
    if not is_retry():
        return group.actions
    return run.ledger.journal.not_sent(run.claim, group.actions, group.since)


async def _error(
    run: ConnectionRun, attempt: Attempt[A], action: A, intent: int
) -> ApiError | None:
    """Try one action; a key, which is shown only once, is sealed at once with its outcome."""
    async with run.turns:
        await run.system.turn(run.system.profile.admit_calls)
        if run.has_lapsed:
            return Unreachable("claim", "it was not renewed in time, so nothing was sent")
        try:
            received = await attempt(action)
        except ApiError as error:
            return error
        if received:
            done, also = {intent: Result(Outcome.DONE)}, run.sealed(received)
            await write_with_retries(lambda: run.ledger.journal.resolve(done, run.now(), also))
    return None


async def write_with_retries(
    write: Callable[[], None], pauses: Sequence[float] = (0.5, 2, 5)
) -> None:
    """Write what cannot be received a second time; waits for a ledger that is away for a moment."""
    for pause in pauses:
        try:
            return write()
        except OperationalError as error:
            get_run_logger().warning(
                "The ledger cannot be written (%s). Trying again.", type(error.orig).__name__
            )
            await asyncio.sleep(pause)
    return write()


def _result(error: ApiError | None) -> Result:
    if error is None:
        return Result(Outcome.DONE)
    if error.outcome_unknown:
        return Result(None, str(error))
    if error.key_lost:
        return Result(Outcome.KEY_LOST, str(error))
    return Result(Outcome.NOT_DONE if error.may_pass else Outcome.REFUSED, str(error))
