"""Runs a flow that waits for people, and answers it as they would."""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType


class Waiting:
    """A flow that runs in a thread of its own, and waits for people there."""

    def __init__(self, flow: Any, *args: Any, **kwargs: Any) -> None:
        self._ended: list[State[Any]] = []
        self._thread = threading.Thread(target=self._run, args=(flow, args, kwargs))
        self._seen = asyncio.run(_paused())
        self._thread.start()
        self.id = self._paused()

    def _run(self, flow: Any, args: Any, kwargs: Any) -> None:
        self._ended.append(asyncio.run(flow(*args, **kwargs, return_state=True)))

    def _paused(self) -> UUID:
        for _ in range(300):
            if found := asyncio.run(_paused()) - self._seen:
                return found.pop()
            if self._ended:
                raise AssertionError(f"ended without a question: {self._ended[0].message}")
            time.sleep(0.1)
        raise AssertionError("never asked")

    def message(self, round_: int = 1) -> str:
        """What the form says above its fields."""
        return asyncio.run(_read(self.id, f"paused-answer-{round_}-description"))

    def write(self, *keys: str) -> None:
        """Write something else for its run, as whoever reaches Prefect's API can."""
        asyncio.run(_write(self.id, keys))

    def answer(self, **fields: str) -> None:
        """Fill the form in, as soon as it can be."""
        for _ in range(100):
            result = asyncio.run(_resume(self.id, fields))
            if result.status.value == "ACCEPT":
                return
            time.sleep(0.1)
        raise AssertionError(f"not accepted: {result.details}")

    def end(self) -> State[Any]:
        """The state in which the flow ended."""
        self._thread.join(60)
        assert self._ended, "it has not ended"
        return self._ended[0]


def answered(flow: Any, *args: Any, answers: Sequence[dict[str, str]], **kw: Any) -> State[Any]:
    """The state in which `flow` ended that was answered so."""
    waiting = Waiting(flow, *args, **kw)
    for answer in answers:
        waiting.answer(**answer)
    return waiting.end()


async def _paused() -> set[UUID]:
    paused = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
    async with get_client() as client:
        runs = await client.read_flow_runs(flow_run_filter=FlowRunFilter(state=paused))
        return {run.id for run in runs}


async def _resume(run_id: UUID, fields: dict[str, str]) -> Any:
    async with get_client() as client:
        return await client.resume_flow_run(run_id, run_input=fields)


async def _write(run_id: UUID, keys: Sequence[str]) -> None:
    async with get_client() as client:
        for key in keys:
            await client.create_flow_run_input(run_id, key, "{}")


async def _read(run_id: UUID, key: str) -> str:
    async with get_client() as client:
        return await client.read_flow_run_input(run_id, key)


async def named(name: str) -> list[Any]:
    """The flow runs of that name."""
    wanted = FlowRunFilter(name=FlowRunFilterName(any_=[name]))
    async with get_client() as client:
        return await client.read_flow_runs(flow_run_filter=wanted)
