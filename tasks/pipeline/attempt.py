"""An attempt: each action is tried once, and recorded in the journal before and after."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from prefect.logging import get_run_logger

from fleet.device.secret import Secret
from ledger.database.engine import LedgerAway
from ledger.state.journal import Journaled, Outcome, Result
from systems.shared.errors import ApiError, Unreachable
from systems.shared.pace import checked
from tasks.pipeline.group import Group, is_retry
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.outage import until_back, written

A = TypeVar("A", bound=Journaled)
Attempt = Callable[[A], Awaitable[tuple[Secret, ...]]]


class NotSent(Unreachable):
    """Nothing was sent, because what came of it could not have been recorded."""

    remedy = ""


class NotSealed(ApiError):
    """A key was received, and the ledger was away for so long that it is lost."""

    key_lost = True


@contextmanager
def while_held(run: ConnectionRun) -> Iterator[None]:
    """Whatever is sent in this context is sent only while the devices of `run` are its own.

    Its machine may sleep at any moment; whoever took over may be about to do the same.
    """
    check_held(run)
    with checked(partial(check_held, run)):
        yield


def check_held(run: ConnectionRun) -> None:
    """Raise NotSent once the lease of `run` may have ended."""
    if run.has_lapsed:
        raise NotSent("claim", "it was not renewed in time, so nothing was sent")


async def try_each(run: ConnectionRun, group: Group[A], attempt: Attempt[A]) -> None:
    """Try every action once: intent, call, outcome. Raises when one was refused or never sent.

    Prefect then retries only what the journal says was never sent. An action without an answer
    stays open there, and the next observation resolves it. Whatever becomes of one action, all are
    waited for: another one may have received a key that is not sealed yet.
    """
    actions = _to_try(run, group)
    intents = run.ledger.journal.intend(run.claim, actions, run.now())
    tries = zip(actions, intents, strict=True)
    ended = await asyncio.gather(
        *(_error(run, attempt, action, id_) for action, id_ in tries), return_exceptions=True
    )
    errors = [each for each in ended if isinstance(each, ApiError)]
    failed = sorted(errors, key=lambda e: (e.outcome_unknown, not e.may_pass))
    for error in failed[:5]:
        get_run_logger().warning("%s: %s", group, error)
    await _record(run, dict(zip(intents, ended, strict=True)))
    for unexpected in ended:
        if isinstance(unexpected, BaseException) and not isinstance(unexpected, ApiError):
            raise unexpected
    if failed and not failed[0].outcome_unknown:
        raise failed[0]


async def _record(run: ConnectionRun, ended: Mapping[int, BaseException | None]) -> None:
    """Record what came of the intents, as far as it is known; LedgerAway if it was given up."""
    results = {i: _result(e) for i, e in ended.items() if e is None or isinstance(e, ApiError)}
    try:
        await written(run.ledger, lambda: run.ledger.journal.resolve(results, run.now()))
        await until_back(run.ledger)
    except LedgerAway as away:
        raise LedgerAway(away.fault, run.unsealed) from None


def _to_try(run: ConnectionRun, group: Group[A]) -> Sequence[A]:
    """All of them; in a retry, those that the last try did not send."""
    if not is_retry():
        return group.actions
    return run.ledger.journal.not_sent(run.claim, group.actions, group.since)


async def _error(
    run: ConnectionRun, attempt: Attempt[A], action: A, intent: int
) -> ApiError | None:
    """Try one action; a key, which is shown only once, is sealed at once with its outcome.

    Nothing is sent while the ledger is away, for a key could not be sealed then.
    """
    async with run.turns:
        await run.system.turn(run.system.profile.admit_calls)
        try:
            await until_back(run.ledger)
        except LedgerAway as away:
            return NotSent("ledger", f"{away.fault.problem}, so nothing was sent")
        try:
            with while_held(run):
                received = await attempt(action)
        except ApiError as error:
            return error
        if received:
            done, also = {intent: Result(Outcome.DONE)}, run.sealed(received)
            try:
                await run.seal(received, lambda: run.ledger.journal.resolve(done, run.now(), also))
            except LedgerAway as away:
                return NotSealed(
                    "its key", f"received, and could not be sealed: {away.fault.problem}"
                )
    return None


def _result(error: ApiError | None) -> Result:
    if error is None:
        return Result(Outcome.DONE)
    if error.outcome_unknown:
        return Result(None, str(error))
    if error.key_lost:
        return Result(Outcome.KEY_LOST, str(error))
    is_open = error.may_pass or isinstance(error, NotSent)
    return Result(Outcome.NOT_DONE if is_open else Outcome.REFUSED, str(error))
