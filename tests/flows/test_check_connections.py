"""Checking connections: a task run for each, one table, and one sentence when any is bad."""

import asyncio
import json

import pytest
from prefect.artifacts import Artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from deployments.processes import is_free
from flows.check_connections import check_connections
from simulator.lem.settings import DEFAULT_PROJECT, OUT_OF_SCOPE_TOKEN
from systems.lem.block import LemConnection
from tests.connections.blocks import without_blocks

NOWHERE = "http://127.0.0.1:9"
COLUMNS = (
    "connection system origin who reachable credential permission clock version quota what to do"
)


@pytest.fixture
def checked(prefect_server, tmp_path, monkeypatch):
    """Runs the flow where there is neither block nor .env, and returns the state it ended in."""
    monkeypatch.chdir(tmp_path)
    asyncio.run(without_blocks())

    def run(*names):
        return asyncio.run(check_connections(names, return_state=True))

    yield run
    asyncio.run(without_blocks())


@pytest.fixture
def nobody_by_default(monkeypatch):
    """Nothing is set up, and nothing answers where the defaults lead."""
    if not is_free(8020):
        pytest.skip("a simulator is running on this machine")
    for name in ("LEM_URL", "ACUSIGHT_URL", "PROVISION_API_URL"):
        monkeypatch.delenv(name, raising=False)


def table():
    """The table that the last check has left, by its connections."""
    artifact = asyncio.run(Artifact.aget("connections"))
    return {row["connection"]: row for row in json.loads(artifact.data)}


def task_runs(state, expected):
    """How each task run ended, by its name, once the server knows of so many."""

    async def read():
        run = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
        async with get_client() as client:
            for _ in range(100):
                runs = await client.read_task_runs(flow_run_filter=run)
                if len([each for each in runs if each.state and each.state.is_final()]) >= expected:
                    break
                await asyncio.sleep(0.1)
            return {each.name: each.state_name for each in runs}

    return asyncio.run(read())


def test_all_is_well_with_three_systems_that_do_what_muster_needs(lem, checked):
    state = checked()

    assert state.name == "Completed"
    assert state.message == (
        f"Usable: lem (project {DEFAULT_PROJECT}, 0 active devices), acusight "
        "(organization Simulated Works (simulated-works)), provision-api (tenant tenant-a, 0 "
        "devices)."
    )
    assert {row["reachable"] for row in table().values()} == {"yes"}
    assert " ".join(table()["lem"]) == COLUMNS


def test_each_connection_is_a_task_run_of_its_name(lem, checked, monkeypatch):
    monkeypatch.setenv("LEM_TOKEN", "wrong")

    state = checked()

    ended = {
        "check lem": "Failed",
        "check acusight": "Completed",
        "check provision-api": "Completed",
    }
    assert task_runs(state, 3) == ended


def test_a_connection_that_cannot_be_used_is_reported_with_its_remedy(lem, checked, monkeypatch):
    monkeypatch.setenv("LEM_TOKEN", OUT_OF_SCOPE_TOKEN)

    state = checked()

    assert state.is_failed()
    assert state.message == (
        "1 of 3 connections cannot be used: lem: GET /api/v1/activation/config/list: 403 Forbidden "
        "(and 3 more). The token lacks the scope for this project or action"
    )
    row = table()["lem"]
    assert row["permission"] == "✗ GET /api/v1/activation/config/list: 403 Forbidden (and 3 more)"
    assert row["what to do"] == "The token lacks the scope for this project or action"
    assert table()["acusight"]["permission"] == "sees its organization, provisioning tokens"


def test_what_nobody_has_set_up_is_no_failure_unless_it_is_named(
    nobody_by_default, checked, monkeypatch
):
    monkeypatch.setenv("LEM_URL", NOWHERE)
    monkeypatch.setenv("ACUSIGHT_URL", NOWHERE)

    every, named = checked(), checked("provision-api")

    assert every.message.startswith("2 of 2 connections cannot be used: lem: ")
    assert "provision-api" not in every.message
    assert named.message.startswith("1 of 1 connections cannot be used: provision-api: GET /health")


def test_without_any_connection_that_is_set_up_the_run_says_so(nobody_by_default, checked):
    state = checked()

    assert (state.name, state.message) == ("Completed", "No connection is set up.")
    assert {row["reachable"] for row in table().values()} == {"not set up"}


def test_a_block_is_checked_with_the_others_and_alone_when_it_is_named(lem, checked):
    url, token = lem.url, "wrong"
    LemConnection(url=url, project=DEFAULT_PROJECT, token=token).save("plant-7")

    every = checked()
    rows = table()
    alone = checked("plant-7", "plant-7")

    assert every.message.startswith("1 of 4 connections cannot be used: plant-7: ")
    assert (rows["plant-7"]["origin"], rows["lem"]["origin"]) == ("block", "environment")
    assert rows["plant-7"]["credential"] == "✗ GET /api/v1/activation/config/list: 401 Unauthorized"
    assert alone.message.startswith("1 of 1 connections cannot be used: plant-7: ")
    assert list(table()) == ["plant-7"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LEM_URL", "no address", "lem: LEM_URL: Input should be a valid URL"),
        ("LEM_CA_FILE", __file__, f"lem: CA file {__file__}: it holds no certificate. Give its"),
    ],
)
def test_a_connection_that_cannot_be_opened_does_not_stop_the_others(
    lem, checked, monkeypatch, name, value, message
):
    monkeypatch.setenv(name, value)

    state = checked()

    assert state.message.startswith(f"1 of 3 connections cannot be used: {message}")
    assert table()["acusight"]["credential"] == "accepted"


def test_a_name_that_nothing_has_is_one_plain_sentence(lem, checked):
    state = checked("lem", "plant-7")

    assert state.is_failed()
    assert state.message == (
        "There is no connection 'plant-7'. There are: lem (LEM), acusight (Acusight), "
        "provision-api (provision_api)"
    )


def test_no_credential_is_in_what_a_check_leaves_behind(lem, checked):
    LemConnection(url=lem.url, project=DEFAULT_PROJECT, token="canary-0123").save("plant-7")

    state = checked()

    assert "canary-0123" not in state.message + json.dumps(table())
