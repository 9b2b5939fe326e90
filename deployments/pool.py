"""The work pool: how many runs it starts at once, and how runs without a worker are ended."""

from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

POOL = "muster"
QUEUE = "interactive"


async def make_pool(concurrent_runs: int) -> None:
    """Create or update the pool and its queue, each with `concurrent_runs` as its limit."""
    async with get_client() as client:
        pool = WorkPoolCreate(name=POOL, type="process", concurrency_limit=concurrent_runs)
        await client.create_work_pool(pool, overwrite=True)
        try:
            queue = await client.read_work_queue_by_name(QUEUE, work_pool_name=POOL)
        except ObjectNotFound:
            await client.create_work_queue(
                QUEUE, concurrency_limit=concurrent_runs, work_pool_name=POOL
            )
        else:
            await client.update_work_queue(queue.id, concurrency_limit=concurrent_runs)


async def end_left_runs(page: int = 200) -> int:
    """Set the pool's runs that have started to Crashed; returns how many. Paused ones may go on.

    Call it only while the pool has no worker, so that none of them can be running. They are read a
    `page` at a time; the server gives at most 200.
    """
    async with get_client() as client:
        left = await _started(client, page)
        for run in left:
            await client.set_flow_run_state(
                run, Crashed(message="ended with the worker that ran it")
            )
        return len(left)


async def _started(client: PrefectClient, page: int) -> list[UUID]:
    """The ids of the pool's runs that are Running or Pending, all read before any is changed."""
    started = FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
    found: list[UUID] = []
    while True:
        some = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=started)),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
            sort=FlowRunSort.ID_DESC,
            limit=page,
            offset=len(found),
        )
        found += [run.id for run in some]
        if len(some) < page:
            return found
