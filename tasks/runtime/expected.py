"""Expected errors: they end a run or task with one sentence, and never with a traceback."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Failed

from fleet.text.expected import ExpectedError
from systems.shared.errors import ApiError

P = ParamSpec("P")
R = TypeVar("R")


def failing_plainly(
    function: Callable[P, Awaitable[R]],
) -> Callable[P, Awaitable[R]]:
    """`function`, but an expected error becomes a Failed state whose message is its sentence.

    Prefect retries a returned state like a raised error, and logs no traceback for it.
    """

    @wraps(function)
    async def plainly(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return await function(*args, **kwargs)
        except ExpectedError as error:
            return Failed(message=str(error), data=error)

    return plainly


async def result_of(task_run: Awaitable[R]) -> R:
    """What a task returned; raises the error of a task that failed plainly."""
    value = await task_run
    if isinstance(value, State):
        await value.aresult()
    return value


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what only reads when its failure may pass: reading twice harms nobody."""
    return isinstance(state.data, ApiError) and state.data.may_pass


def was_not_sent(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry a change only when it cannot have happened; else the next observation resolves it."""
    error = state.data
    return isinstance(error, ApiError) and error.may_pass and not error.outcome_unknown


READS: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [1, 2, 4],
    "retry_condition_fn": may_pass,
    "cache_policy": NO_CACHE,
}
CHANGES: dict[str, Any] = READS | {"retry_condition_fn": was_not_sent}
