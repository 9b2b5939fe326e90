"""Retries: how often Prefect runs a task again, and for which errors."""

from typing import Any

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from ledger.database.engine import LedgerAway
from systems.shared.errors import ApiError


def was_not_sent(error: object) -> bool:
    """Whether a call surely did not happen, so that it may be made again at once."""
    return isinstance(error, ApiError) and error.may_pass and not error.outcome_unknown


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry a task that only reads, unless it was clearly refused: reading twice does no harm.

    A web page or half an answer may come from a proxy that is being restarted, as a 502 does.
    """
    error = state.data
    is_unclear = isinstance(error, ApiError) and (error.may_pass or error.outcome_unknown)
    return is_unclear or isinstance(error, LedgerAway)


def _was_not_sent(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry a change only when it cannot have happened; else the next observation resolves it."""
    return was_not_sent(state.data)


READS: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [1, 2, 4],
    "retry_condition_fn": _may_pass,
    "cache_policy": NO_CACHE,
}
CHANGES: dict[str, Any] = READS | {"retry_condition_fn": _was_not_sent}
