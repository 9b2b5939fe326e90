"""Dead runs: a worker died and left them Running; their missing heartbeat shows it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY
from prefect.states import Crashed

SILENCE = timedelta(minutes=10)  # at least: by default a heartbeat comes every three
TAG = "muster"
_PAGE = 200


async def end_dead_runs(silence: timedelta | None = None) -> list[str]:
    """Set runs to Crashed that have been Running without a heartbeat for `silence`; their names.

    Never a run that is suspended or paused, nor one that was just resumed. Prefect's own advice, an
    automation on missing heartbeats, ends suspended runs too. Where heartbeats are turned off, no
    run is ended.
    """
    every = PREFECT_FLOWS_HEARTBEAT_FREQUENCY.value()
    if every is None:
        return []
    silence = silence or max(SILENCE, 3 * timedelta(seconds=every))
    since = datetime.now(UTC) - silence  # Prefect's times are real ones, also in a simulation
    ended: list[str] = []
    async with get_client() as client:
        dead = [
            run async for run in _running(client, since) if await _is_silent(client, run, since)
        ]
        for run in dead:
            message = (
                f"Its worker died: no heartbeat for {silence.total_seconds() / 60:.0f} minutes"
            )
            crashed: State[Any] = Crashed(message=message)
            result = await client.set_flow_run_state(run.id, crashed)
            if result.status is SetStateStatus.ACCEPT:  # else it has just ended by itself
                ended.append(run.name)
    return ended


async def _running(client: PrefectClient, since: datetime) -> AsyncIterator[FlowRun]:
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])),
        start_time=FlowRunFilterStartTime(before_=since),
        tags=FlowRunFilterTags(all_=[TAG]),
    )
    offset = 0
    while True:
        page = await client.read_flow_runs(flow_run_filter=wanted, limit=_PAGE, offset=offset)
        for run in page:
            yield run
        if len(page) < _PAGE:
            return
        offset += _PAGE


async def _is_silent(client: PrefectClient, run: FlowRun, since: datetime) -> bool:
    """Whether it is no part of another run, was not just resumed, and had no heartbeat."""
    is_part = run.parent_task_run_id is not None and run.deployment_id is None
    if is_part or run.state is None or run.state.timestamp > since:
        return False
    asked = {
        "filter": {
            "event": {"name": ["prefect.flow-run.heartbeat"]},
            "resource": {"id": [f"prefect.flow-run.{run.id}"]},
            "occurred": {"since": since.isoformat()},
        },
        "limit": 1,
    }
    answer = await client.request("POST", "/events/filter", json=asked)
    return not answer.json()["total"]
