"""What an unpinned Prefect breaks: see the bounds in pyproject.toml."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, FlowRunFilter
from prefect.client.schemas.schedules import IntervalSchedule

from deployments.processes import free_port, running

pytestmark = pytest.mark.server


@flow
def tick() -> None:
    """Does nothing, every minute."""


def test_the_pinned_server_starts_answers_and_schedules(tmp_path, monkeypatch):
    port = free_port()
    address = f"http://127.0.0.1:{port}/api"
    environment = {"PREFECT_HOME": str(tmp_path / "home"), "PREFECT_API_URL": address}
    command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]

    with running(command, tmp_path / "log", f"{address}/health", environment):
        scheduled = asyncio.run(schedule_and_wait(address))

    assert scheduled > 0


async def schedule_and_wait(address):
    """How many runs the server's scheduler made of a minutely deployment."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: address}):
        async with get_client() as client:
            flow_id = await client.create_flow(tick)
            every_minute = IntervalSchedule(
                interval=timedelta(minutes=1), anchor_date=datetime.now(UTC)
            )
            deployment_id = await client.create_deployment(
                flow_id, "minutely", schedules=[DeploymentScheduleCreate(schedule=every_minute)]
            )
            mine = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
            for _ in range(90):
                runs = await client.read_flow_runs(
                    flow_run_filter=FlowRunFilter(), deployment_filter=mine
                )
                if runs:
                    break
                await asyncio.sleep(1)
            return len(runs)
