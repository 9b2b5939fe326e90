"""Runs that a worker left Running are ended; no other run ever is."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed, Paused, Running, Suspended

from tasks.nightly.dead_runs import TAG, end_dead_runs

HEARTBEAT = "prefect.flow-run.heartbeat"
TIMEOUT = 60.0  # seconds; a server writes events down every few seconds


@flow
def night():
    """What the runs here are of; nobody runs it."""


@task
def part():
    """What a run that is a part of another stands for there."""


async def begun(client, name, *states, tags=(TAG,), parent=None):
    """A run that went through `states`, and sends no heartbeat."""
    run = await client.create_flow_run(
        night, name=name, tags=tags, parent_task_run_id=parent, state=states[0]
    )
    for state in states:
        await client.set_flow_run_state(run.id, state, force=True)
    return run.id


async def beat(client, run):
    """Send a heartbeat of a run, and wait until the server has it."""
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
    at = datetime.now(UTC).isoformat()
    event = {"id": str(uuid4()), "event": HEARTBEAT, "occurred": at, "resource": resource}
    await client.request("POST", "/events", json=[event])
    asked = {
        "filter": {
            "event": {"name": [HEARTBEAT]},
            "resource": {"id": [f"{resource['prefect.resource.id']}"]},
        }
    }
    deadline = time.monotonic() + TIMEOUT
    while not (await client.request("POST", "/events/filter", json=asked)).json()["total"]:
        assert time.monotonic() < deadline, "the server never had the heartbeat"
        await asyncio.sleep(0.2)


async def what_was_ended():
    """The names that were reported, at first, then, and without heartbeats; all states by name."""
    async with get_client() as client:
        runs = {
            "dead": await begun(client, "dead", Running()),
            "dead, once resumed": await begun(client, "dead, once resumed", Paused(), Running()),
            "alive": await begun(client, "alive", Running()),
            "suspended": await begun(client, "suspended", Running(), Suspended()),
            "paused": await begun(client, "paused", Running(), Paused()),
            "resumed": await begun(client, "resumed", Running(), Suspended()),
            "ended": await begun(client, "ended", Running(), Completed()),
            "somebody else's": await begun(client, "somebody else's", Running(), tags=()),
        }
        above = await client.create_task_run(part, runs["alive"], dynamic_key="0")
        runs["a part"] = await begun(client, "a part", Running(), parent=above.id)
        await asyncio.sleep(0.2)
        silent_since = datetime.now(UTC)
        await asyncio.sleep(0.2)
        await client.set_flow_run_state(runs["resumed"], Running(), force=True)
        await beat(client, runs["alive"])

        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            without = await end_dead_runs(datetime.now(UTC) - silent_since)
        names = await end_dead_runs(datetime.now(UTC) - silent_since)

        again = await end_dead_runs(datetime.now(UTC) - silent_since)
        states = {name: (await client.read_flow_run(run)).state for name, run in runs.items()}
        return names, again, without, states


@pytest.fixture(scope="module")
def outcome(prefect_server):
    """All of that, once, for it takes a while."""
    return asyncio.run(what_was_ended())


@pytest.fixture
def states(outcome):
    return outcome[-1]


@pytest.mark.parametrize("name", ["dead", "dead, once resumed"])
def test_a_run_that_says_running_and_was_silent_for_long_has_crashed(states, name):
    assert states[name].type is StateType.CRASHED
    assert states[name].message.startswith("Its worker died: no heartbeat for ")


def test_a_run_with_a_heartbeat_goes_on(states):
    assert states["alive"].type is StateType.RUNNING


@pytest.mark.parametrize("name", ["suspended", "paused"])
def test_a_run_that_waits_for_a_person_is_never_ended(states, name):
    assert states[name].type is StateType.PAUSED


def test_a_run_that_was_resumed_just_now_is_given_time(states):
    assert states["resumed"].type is StateType.RUNNING


def test_a_run_that_ended_stays_as_it_ended(states):
    assert states["ended"].type is StateType.COMPLETED


def test_a_run_without_our_tag_is_not_ours_to_end(states):
    assert states["somebody else's"].type is StateType.RUNNING


def test_a_part_of_another_run_is_left_to_that_one(states):
    assert states["a part"].type is StateType.RUNNING


def test_the_names_of_those_that_were_ended_are_reported_once(outcome):
    names, again, *_ = outcome

    assert sorted(names) == ["dead", "dead, once resumed"]
    assert again == []


def test_where_heartbeats_are_turned_off_no_run_is_ended(outcome):
    assert outcome[2] == []
