"""The automations: their file, what is written to a Prefect server, and what arrives from it."""

import asyncio
import json
import os
import queue
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prefect import flow
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Crashed, Failed, Running, Suspended

from deployments.automations import (
    CHANNEL,
    FILE,
    UnusableAutomations,
    apply_automations,
    main,
    read_automations,
)

NAMES = {
    "muster: requests held",
    "muster: deadline near",
    "muster: run failed",
    "muster: run waiting",
}


@flow
def onboard() -> None:
    """Does nothing."""


@pytest.fixture
def server(prefect_server):
    """A Prefect server that has none of the automations, and no channel."""

    async def clear():
        async with get_client() as client:
            for automation in await written():
                await client.delete_automation(automation.id)
            for block in await client.read_block_documents():
                if block.name == CHANNEL:
                    await client.delete_block_document(block.id)

    asyncio.run(clear())
    yield
    asyncio.run(clear())


@pytest.fixture
def receiver():
    """An address on the loopback, and the notifications that were posted to it."""
    received: queue.Queue[dict[str, str]] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            received.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}", received
        listening.shutdown()


async def written():
    """The automations of ours that the server has."""
    async with get_client() as client:
        return [each for each in await client.read_automations() if each.name in NAMES]


async def save_channel(address="http://127.0.0.1:9"):
    block = CustomWebhookNotificationBlock(
        name=CHANNEL,
        url=address,
        json_data={"subject": "{{subject}}", "body": "{{body}}"},
        allow_private_urls=True,
    )
    await block.asave(CHANNEL, overwrite=True)


async def switch_off(name):
    async with get_client() as client:
        automation = await client.find_automation(name)
        await client.pause_automation(automation.id)


def file_with(tmp_path, old, new):
    text = FILE.read_text()
    assert old in text
    file = tmp_path / "automations.yaml"
    file.write_text(text.replace(old, new, 1))
    return file


def test_the_file_describes_the_four_automations():
    notices = read_automations()

    assert len(notices) == 4
    assert {notice.name for notice in notices} == NAMES


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("expect: [muster.req", "expct: [muster.req", "0.trigger.expct: Extra inputs"),
        ("expect: [muster.requests.held]", "expect: []", "0.trigger.expect: Set should have"),
        ("{{ event.payload.site }}:", "{{ event.payload.site }:", "0.subject: .*not a template"),
        ("posture: Reactive", "posture: Metric", "0.trigger.posture: Input should be"),
        (
            "muster: deadline near",
            "muster: requests held",
            "one has the name muster: requests held",
        ),
        ("automations:\n", "automations: [\n", "while parsing"),
        ("automations:\n", "automation:\n", "automations: Field required"),
    ],
)
def test_a_fault_in_the_file_is_reported_in_one_line(tmp_path, old, new, fault):
    file = file_with(tmp_path, old, new)

    with pytest.raises(UnusableAutomations, match=fault) as message:
        read_automations(file)

    assert str(message.value).startswith(f"{file} cannot be used: ")
    assert "\n" not in str(message.value)


def test_a_file_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(UnusableAutomations, match="No such file"):
        read_automations(tmp_path / "automations.yaml")


def test_applied_twice_there_are_four_and_off_while_there_is_no_channel(server):
    async def story():
        return [await apply_automations(), await apply_automations()], await written()

    applied, automations = asyncio.run(story())

    assert {automation.name for automation in automations} == NAMES
    assert len(automations) == 4
    assert [a.enabled for a in automations] == [False] * 4
    assert [action.type for a in automations for action in a.actions] == ["do-nothing"] * 4
    assert {(each.channels, each.on, each.switched_off) for each in applied} == {((), (), ())}
    assert "off: save a notification block named muster-notifications" in str(applied[0])


def test_they_are_switched_on_once_there_is_a_channel(server):
    async def story():
        await apply_automations()
        await save_channel()
        return await apply_automations(), await written()

    applied, automations = asyncio.run(story())

    assert [a.enabled for a in automations] == [True] * 4
    assert [action.type for a in automations for action in a.actions] == ["send-notification"] * 4
    assert set(applied.on) == NAMES
    assert str(applied) == "Notifications are on by muster-notifications (Custom Webhook)"


def test_a_block_of_that_name_which_cannot_notify_is_no_channel(server):
    async def story():
        await Secret(value="a-secret").asave(CHANNEL)
        return await apply_automations()

    assert asyncio.run(story()).channels == ()


def test_one_that_a_person_switched_off_stays_off(server):
    async def story():
        await save_channel()
        await apply_automations()
        await switch_off("muster: run waiting")
        return await apply_automations(), await written()

    applied, automations = asyncio.run(story())

    assert {a.name for a in automations if not a.enabled} == {"muster: run waiting"}
    assert applied.switched_off == ("muster: run waiting",)
    assert set(applied.on) == NAMES - {"muster: run waiting"}
    assert str(applied).endswith("but switched off in the UI: muster: run waiting")


def test_they_are_switched_off_when_the_channel_is_missing(server):
    async def story():
        await save_channel()
        await apply_automations()
        async with get_client() as client:
            block = await client.read_block_document_by_name(CHANNEL, "custom-webhook")
            await client.delete_block_document(block.id)
        return await apply_automations(), await written()

    applied, automations = asyncio.run(story())

    assert applied.on == ()
    assert [a.enabled for a in automations] == [False] * 4


def test_what_a_person_changed_but_the_switch_is_as_in_the_file_again(server, tmp_path):
    async def story():
        await apply_automations(file_with(tmp_path, "[muster.requests.held]", "[something.else]"))
        await apply_automations()
        return {a.name: a.trigger.expect for a in await written()}

    assert asyncio.run(story())["muster: requests held"] == {"muster.requests.held"}


@pytest.mark.parametrize(
    ("event", "resource", "subject"),
    [
        ("muster.requests.held", "muster.site.plant-7", "plant-7: requests held: 3"),
        (
            "muster.deadline.near",
            "muster.review.42",
            "plant-7: undecided: 3, deadline 2026-01-02 09:00 UTC",
        ),
    ],
)
def test_our_events_are_reported(server, receiver, event, resource, subject):
    address, received = receiver
    asyncio.run(save_channel(address))
    asyncio.run(apply_automations())

    emit_event(
        event,
        resource={"prefect.resource.id": resource},
        payload={
            "site": "plant-7",
            "count": 3,
            "deadline": "2026-01-02 09:00 UTC",
            "message": "Three machines show edge-001's code.",
        },
    )

    message = received.get(timeout=60)
    assert message["subject"] == subject
    assert message["body"].strip() == "Three machines show edge-001's code."


def test_runs_of_muster_are_reported_and_no_others(server, receiver):
    address, received = receiver
    states = [
        Failed(message="The roster has no lines."),
        Crashed(message="The worker is gone."),
        Completed(name="Waiting", message="2 devices are still to come."),
        Suspended(message="Approve?"),
        Completed(message="All in service."),
    ]

    async def story():
        await save_channel(address)
        await apply_automations()
        async with get_client() as client:
            flow_id = await client.create_flow(onboard)
            for tags in (["other"], ["muster"]):
                deployment = await client.create_deployment(flow_id, tags[0], tags=tags)
                for state in states:
                    run = await client.create_flow_run_from_deployment(deployment, name=tags[0])
                    await client.set_flow_run_state(run.id, Running(), force=True)
                    await client.set_flow_run_state(run.id, state, force=True)

    asyncio.run(story())
    messages = [received.get(timeout=60) for _ in range(4)]

    assert {each["subject"] for each in messages} == {
        "onboard: muster: Failed",
        "onboard: muster: Crashed",
        "onboard: muster: Waiting",
        "onboard: muster: Suspended",
    }
    # This server does not know its own address; where it does, a link to the run follows.
    bodies = {each["body"].strip() for each in messages}
    assert bodies == {state.message for state in states[:4]}
    assert received.empty()


def test_the_command_says_one_sentence(server):
    command = [sys.executable, "-m", "deployments.automations"]
    environment = os.environ | {"PREFECT_API_URL": PREFECT_API_URL.value()}

    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Notifications are off: save a notification block named")
    assert ended.stdout.count("\n") == 1


@pytest.mark.heavy
def test_the_command_says_when_there_is_no_server(capsys):
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert main() == 1

    message = capsys.readouterr()
    assert message.out.startswith("The Prefect server cannot be used: ")
    assert (message.out.count("\n"), message.err) == (1, "")
