"""The work pool of `make up`, on a Prefect server."""

import asyncio

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelling, Completed, Paused, Pending, Running, Scheduled, Suspended

from deployments.pool import POOL, QUEUE, end_left_runs, make_pool
from deployments.processes import free_port, running

pytestmark = pytest.mark.server


@flow
def rest() -> None:
    """Does nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Prefect server that this process's clients talk to."""
    home = tmp_path_factory.mktemp("prefect")
    port = free_port()
    address = f"http://127.0.0.1:{port}/api"
    environment = {"PREFECT_HOME": str(home), "PREFECT_API_URL": address}
    command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    with (
        running(command, home / "log", f"{address}/health", environment),
        temporary_settings({PREFECT_API_URL: address}),
    ):
        yield


async def deployed(pool):
    """The id of a deployment whose runs go to `pool`, or to nobody."""
    async with get_client() as client:
        flow_id = await client.create_flow(rest)
        queue = {"work_pool_name": POOL, "work_queue_name": QUEUE} if pool else {}
        return await client.create_deployment(flow_id, f"in-{pool}", **queue)


async def started(deployment, *states):
    async with get_client() as client:
        runs = [await client.create_flow_run_from_deployment(deployment) for _ in states]
        for run, state in zip(runs, states, strict=True):
            await client.set_flow_run_state(run.id, state, force=True)
        return [run.id for run in runs]


async def states_of(runs):
    async with get_client() as client:
        return [(await client.read_flow_run(run)).state for run in runs]


def test_pool_and_queue_have_the_limit_that_was_asked_for_last(server):
    async def limits(wanted):
        await make_pool(wanted)
        async with get_client() as client:
            pool = await client.read_work_pool(POOL)
            queue = await client.read_work_queue_by_name(QUEUE, work_pool_name=POOL)
            return pool.concurrency_limit, queue.concurrency_limit

    assert asyncio.run(limits(8)) == (8, 8)
    assert asyncio.run(limits(3)) == (3, 3)


def test_what_an_earlier_worker_left_is_crashed_and_nothing_else(server):
    async def story():
        await make_pool(8)
        mine, other = await deployed(POOL), await deployed(None)
        left = await started(mine, Running(), Pending())
        record = await started(mine, Paused(), Suspended(), Scheduled(), Completed(), Cancelling())
        record += await started(other, Running())
        before = await states_of(record)
        ended = await end_left_runs()
        return ended, await states_of(left), before, await states_of(record)

    ended, left, before, after = asyncio.run(story())

    assert ended == 2
    assert {(state.name, state.message) for state in left} == {
        ("Crashed", "ended with the worker that ran it")
    }
    assert [state.id for state in after] == [state.id for state in before]


def test_more_runs_than_one_page_holds_are_all_crashed(server):
    async def story():
        await make_pool(8)
        await started(await deployed(POOL), *[Running()] * 5)
        return await end_left_runs(page=2), await end_left_runs()

    assert asyncio.run(story()) == (5, 0)
