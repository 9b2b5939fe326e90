"""Execute: do what was planned, in no more task runs than a person can read."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from fleet.action.action import Action, Adopt, Approve, Confirm, Hold, Reject, Retry
from fleet.system.enroll import Enroll
from systems.shared.errors import ApiError
from tasks.pipeline.actions import (
    admit,
    adopt,
    confirm_device,
    enroll,
    reject,
    retry_failed_provisioning,
)
from tasks.pipeline.decisions import announce_held, record_decisions
from tasks.pipeline.group import Group, grouped
from tasks.pipeline.recheck import Recheck
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.expected import result_of

T = TypeVar("T")

Steps = tuple[tuple[type[Any], Callable[..., Awaitable[Any]]], ...]
_STEPS: Steps = (
    (Reject, reject),
    (Retry, retry_failed_provisioning),
    (Confirm, confirm_device),
)


async def execute(run: ConnectionRun, actions: Sequence[Action]) -> None:
    """Do what was planned. A device that fails never stops the others.

    What the system refuses or does not answer is recorded, and the next plan takes it into account.
    Only what ends the run is raised, such as a claim that was lost.
    """
    run.has_acted |= any(not isinstance(action, Hold) for action in actions)
    run.ledger.holds.hold(run.claim, _of(actions, Hold), run.now())
    record_decisions(run, actions)
    announce_held(run, _of(actions, Hold))
    for group in _adoptions(actions, run.now()):
        await result_of(adopt(run, group))
    size, since = len(run.desired.devices), run.now()
    await _all(
        _ignoring_refusals(enroll(run, group))
        for group in _enrollments(actions, since, run.settings.task_runs_per_round, size)
    )
    steps: Steps = ((Approve, partial(admit, recheck=Recheck(run))), *_STEPS)
    await _all(
        _ignoring_refusals(step(run, group))
        for kind, step in steps
        for group in grouped(_named(_of(actions, kind)), since, _at_most(run, kind), size)
    )


def _at_most(run: ConnectionRun, kind: type[Any]) -> int:
    """How many task runs one plan may use for that kind; on a large site, one for all `Confirm`."""
    small = len(run.desired.devices) <= run.settings.task_runs_per_round
    return 1 if kind is Confirm and not small else run.settings.task_runs_per_round


async def _all(task_runs: Iterable[Awaitable[None]]) -> None:
    """Wait until all have ended, then raise the first error, so that none runs on unseen."""
    for outcome in await asyncio.gather(*task_runs, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _ignoring_refusals(task_run: Awaitable[Any]) -> None:
    try:
        await result_of(task_run)
    except ApiError:
        return  # each is recorded; the next plan reads that


def _of(actions: Iterable[Action], kind: type[T]) -> list[T]:
    return [action for action in actions if isinstance(action, kind)]


def _named(actions: Iterable[Any]) -> list[tuple[str, Any]]:
    return [(a.device.name if a.device else f"request {a.request.id}", a) for a in actions]


def _adoptions(actions: Iterable[Action], since: datetime) -> list[Group[Adopt]]:
    return [Group([a], [d.name for d in a.devices], since) for a in _of(actions, Adopt)]


def _enrollments(
    actions: Iterable[Action], since: datetime, at_most: int, size: int
) -> list[Group[Enroll]]:
    """Each shared enrollment is a group of its own; those of single devices are grouped."""
    enrollments = _of(actions, Enroll)
    shared = [e for e in enrollments if len(e.devices) > 1]
    single = [(e.devices[0].name, e) for e in enrollments if len(e.devices) == 1]
    own = grouped(single, since, at_most, size)
    return [*(Group([e], [d.name for d in e.devices], since) for e in shared), *own]
