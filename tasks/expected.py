"""What a run must expect to go wrong, told in one sentence and never as a traceback."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Failed
from pydantic import ValidationError

from clients.errors import ApiError
from connections.named import UnknownConnection
from fleet.fault import UnusableRoster
from fleet.integrations import UnusableConfiguration
from fleet.night_rules_file import UnusableNightRules
from fleet.policy_file import UnusablePolicy
from fleet.preflight import ImpossibleRun
from fleet.review import NothingToReview
from ledger.claims import Claimed, ClaimLost
from ledger.engine import LedgerUnusable
from tasks.lock import CannotHandOver
from tasks.report_files import CannotReport
from tasks.source import NoText

P = ParamSpec("P")
R = TypeVar("R")

EXPECTED = (
    ApiError,
    CannotHandOver,
    CannotReport,
    Claimed,
    ClaimLost,
    ImpossibleRun,
    LedgerUnusable,
    NoText,
    NothingToReview,
    UnknownConnection,
    UnusableConfiguration,
    UnusableNightRules,
    UnusablePolicy,
    UnusableRoster,
    ValidationError,
)


def tell(error: Exception) -> str:
    """The sentence for `error`; never the input that a validation error carries."""
    if not isinstance(error, ValidationError):
        return str(error)
    told = [
        f"{error.title}, {'.'.join(map(str, each['loc']))}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False)
    ]
    return "\n".join(told)


def failing_plainly(
    function: Callable[P, Awaitable[R]],
) -> Callable[P, Awaitable[R]]:
    """`function`, but an expected error becomes a Failed state whose message is its sentence.

    Prefect retries a returned state like a raised error, and logs no traceback for it.
    """

    @wraps(function)
    async def told(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return await function(*args, **kwargs)
        except EXPECTED as error:
            return Failed(message=tell(error), data=error)

    return told


async def result_of(task_run: Awaitable[R]) -> R:
    """What a task returned; raises the error of one that failed plainly."""
    value = await task_run
    if isinstance(value, State):
        await value.aresult()
    return value


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry a look when its failure may pass: reading twice harms nobody."""
    return isinstance(state.data, ApiError) and state.data.may_pass


def was_not_sent(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry an act only when it cannot have happened; what may have, the next look settles."""
    error = state.data
    return isinstance(error, ApiError) and error.may_pass and not error.outcome_unknown


LOOK: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [1, 2, 4],
    "retry_condition_fn": may_pass,
    "cache_policy": NO_CACHE,
}
ACT: dict[str, Any] = LOOK | {"retry_condition_fn": was_not_sent}
