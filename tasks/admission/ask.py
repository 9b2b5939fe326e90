"""Ask: a form in the Prefect UI, for whose answer a run waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, cast
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.flow_runs import apause_flow_run, asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from pydantic import Field, JsonValue
from pydantic.json_schema import SkipJsonSchema

from fleet.admission.review import Answer
from fleet.state.verdict import Decision
from tasks.runtime.connection_run import utc_now
from tasks.runtime.forms import SIX_DIGITS

DEADLINE = "(nobody, the deadline passed)"
_FOR_EVER = timedelta(days=365)  # a pause must have an end; a review has its own


def _words(title: str, description: str, position: int) -> dict[str, JsonValue]:
    return {"title": title, "description": description, "position": position}


def _digits(position: int) -> Any:
    return Field(
        default="",
        pattern=SIX_DIGITS,
        json_schema_extra=_words(
            "Six digits", "Needed: what your authenticator app shows now. They work once", position
        ),
    )


class OneRequest(RunInput):
    """The form for one request; it has no field for digits, and yet takes them.

    For who answers it may have been enrolled since it was shown.
    """

    decision: Literal["approve", "reject", "hold"] = Field(
        json_schema_extra=_words(
            "Decision",
            "approve: admit it. reject: turn it away. hold: decide nothing; it stays held",
            0,
        )
    )
    name: str = Field(
        max_length=100,
        json_schema_extra=_words("Your name", "Recorded with the decision", 1),
    )
    reason: str = Field(
        max_length=500, json_schema_extra=_words("Why", "Recorded with the decision", 2)
    )
    digits: SkipJsonSchema[str] = ""

    def answer(self, number: str) -> Answer:
        """What was decided about the request of that number."""
        named = {Decision.APPROVE: "", Decision.REJECT: ""} | {Decision(self.decision): number}
        return Answer(
            name=self.name,
            reason=self.reason,
            approve=named[Decision.APPROVE],
            reject=named[Decision.REJECT],
            digits=self.digits,
        )


class ProvedOneRequest(OneRequest):
    """The form for one request where names must be proved."""

    digits: str = _digits(3)


class ManyRequests(RunInput):
    """The form for several requests that are held at a site."""

    exact_matches: Literal["leave them held", "approve them"] = Field(
        default="leave them held",
        json_schema_extra=_words("Exact matches", "All requests that are marked exact above", 0),
    )
    approve: str = Field(
        default="",
        json_schema_extra=_words(
            "Approve these",
            "Devices or request numbers as above, such as edge-042 or #12, separated by spaces",
            1,
        ),
    )
    reject: str = Field(
        default="",
        json_schema_extra=_words(
            "Reject these",
            "Named in the same way. What you do not name stays held",
            2,
        ),
    )
    name: str = Field(
        max_length=100,
        json_schema_extra=_words("Your name", "Recorded with each decision", 3),
    )
    reason: str = Field(
        max_length=500, json_schema_extra=_words("Why", "Recorded with each decision", 4)
    )
    digits: SkipJsonSchema[str] = ""

    def answer(self, _number: str) -> Answer:
        """What was decided; the rest stays held."""
        return Answer(
            name=self.name,
            reason=self.reason,
            exact=Decision.APPROVE if self.exact_matches == "approve them" else Decision.HOLD,
            approve=self.approve,
            reject=self.reject,
            digits=self.digits,
        )


class ProvedManyRequests(ManyRequests):
    """The form for several requests where names must be proved."""

    digits: str = _digits(5)


Form = OneRequest | ManyRequests
F = TypeVar("F", bound=OneRequest | ManyRequests)

_NOBODY_OF_MANY = {"name": DEADLINE, "reason": "deadline"}
_NOBODY_OF_ONE = _NOBODY_OF_MANY | {"decision": "hold"}
NOBODY = (_NOBODY_OF_ONE, _NOBODY_OF_MANY)  # a form takes one of these


def form_for(count: int, is_proved: bool) -> type[Form]:
    """The form for so many requests; `is_proved` where names must be proved by digits."""
    if count == 1:
        return ProvedOneRequest if is_proved else OneRequest
    return ProvedManyRequests if is_proved else ManyRequests


async def ask(form: type[F], question: str, round_: int, deadline: datetime) -> F:
    """What a person fills into `form`, which shows `question` above its fields.

    A run of a deployment is suspended: no process waits, and the run starts again from its top
    when it is answered. Otherwise this process waits, until the deadline at most.
    """
    key = _key(round_)
    asked = cast("type[F]", form.with_initial_data(description=question))
    if _is_suspended():
        return await asuspend_flow_run(wait_for_input=asked, key=key, timeout=None)
    async with _ended_at(deadline, form):
        return await apause_flow_run(
            wait_for_input=asked, key=key, timeout=int(_FOR_EVER.total_seconds()), poll_interval=2
        )


async def answered_at(round_: int) -> datetime | None:
    """When Prefect received the answer, perhaps long before this run started again; None: not yet.

    Also None where what somebody else wrote for this run hides it.
    """
    key = f"{'suspended' if _is_suspended() else 'paused'}-{_key(round_)}-response"
    async with get_client() as client:
        records = await client.filter_flow_run_input(UUID(flow_run.get_id()), key, 200, set())
    return next((each.created for each in records if each.key == key), None)


def _key(round_: int) -> str:
    return f"answer-{round_}"


def _is_suspended() -> bool:
    """Whether a run is suspended to wait for its answer, rather than paused."""
    return bool(deployment.get_id()) and not flow_run.get_parent_flow_run_id()


@asynccontextmanager
async def _ended_at(deadline: datetime, form: type[RunInput]) -> AsyncIterator[None]:
    """At `deadline`, answer this run in nobody's name, so that it ends by itself."""
    timer = asyncio.create_task(_answer_at(deadline, UUID(flow_run.get_id()), form))
    try:
        yield
    finally:
        timer.cancel()
        await asyncio.gather(timer, return_exceptions=True)


async def _answer_at(deadline: datetime, run_id: UUID, form: type[RunInput]) -> None:
    await asyncio.sleep(max(0.0, (deadline - utc_now()).total_seconds()))
    async with get_client() as client:
        answer = _NOBODY_OF_ONE if issubclass(form, OneRequest) else _NOBODY_OF_MANY
        await client.resume_flow_run(run_id, run_input=answer)
