"""Expected errors: they end a run or task with one sentence, and never with a traceback."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect.client.schemas.objects import State
from prefect.states import Failed

from fleet.text.expected import ExpectedError
from tasks.runtime.plain_logs import use_plain_lines

P = ParamSpec("P")
R = TypeVar("R")

use_plain_lines()


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
