"""Simulators that listen: in this process, and from the command line."""

import signal
import socket
import subprocess
import sys

import httpx
import pytest

from simulator.__main__ import _parser, switches
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN, LemSettings
from simulator.running import RunningSimulator
from simulator.server import Server
from simulator.settings import SimulatorSettings

COMMAND = [sys.executable, "-m", "simulator", "--port", "0"]
TOKEN = {"X-AuthToken": DEFAULT_TOKEN}

LONG = 120  # seconds: no busy machine is that slow


def run(*arguments, **kinds):
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kinds,
    )


@pytest.fixture
def process():
    with run("--die-with-stdin", "--speed", "2") as running:
        yield running
        running.kill()


def test_two_simulators_live_side_by_side():
    with RunningSimulator() as one, RunningSimulator() as other:
        one.control("lem/boot", devices=[{"name": "edge-1"}])

        assert one.url != other.url
        assert other.control("lem/state")["booted"] == []


def test_a_running_simulator_has_the_switches_it_was_given():
    settings = SimulatorSettings(lem=LemSettings(projects=["plant-a"]))

    with RunningSimulator(settings) as simulator:
        reply = httpx.get(f"{simulator.url}/api/v1/device/plant-a", headers=TOKEN)

    assert reply.status_code == 200


def test_replies_are_not_held_back_for_fuller_packets():
    server = Server(SimulatorSettings(port=0))

    with server.listener as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_switches_can_be_set_in_the_environment(monkeypatch):
    monkeypatch.setenv("SIMULATOR_SEED", "9")
    monkeypatch.setenv("SIMULATOR_LEM_PENDING_STATUS", "NEW")

    settings = SimulatorSettings()

    assert (settings.seed, settings.lem.pending_status) == (9, "NEW")


@pytest.mark.process
def test_the_command_says_where_it_listens_and_ends_with_stdin(process):
    ready = process.stdout.readline()
    url = ready.removeprefix("simulator: ").strip()
    reply = httpx.get(f"{url}/api/v1/device/{DEFAULT_PROJECT}", headers=TOKEN)
    rest, complaints = process.communicate(timeout=LONG)

    assert ready.startswith("simulator: http://127.0.0.1:")
    assert reply.status_code == 200
    assert (process.returncode, rest, complaints) == (0, "", "")


@pytest.mark.process
def test_an_interrupt_ends_it_quietly(process):
    process.stdout.readline()

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=LONG) == 0
    assert process.stderr.read() == ""


@pytest.mark.process
def test_a_port_in_use_is_said_in_one_sentence():
    with RunningSimulator() as simulator:
        port = simulator.url.rsplit(":", 1)[1]
        with run("--port", port) as second:
            _, complaint = second.communicate(timeout=LONG)

    assert second.returncode == 1
    assert complaint.startswith(f"simulator: port {port} of 127.0.0.1 cannot be used: Address ")
    assert complaint.count("\n") == 1


@pytest.mark.process
def test_a_switch_that_makes_no_sense_is_said_in_one_sentence():
    with run("--speed", "-1") as process:
        _, complaint = process.communicate(timeout=LONG)

    assert process.returncode == 1
    assert complaint == "simulator: speed: Input should be greater than or equal to 0\n"


@pytest.mark.process
def test_a_killed_simulator_has_lost_nothing_it_answered_for(tmp_path):
    state = tmp_path / "lem.db"
    with run("--state", str(state)) as process:
        url = process.stdout.readline().removeprefix("simulator: ").strip()
        body = {"projectId": DEFAULT_PROJECT, "expiresAt": 1999999999000, "deviceCount": 1}
        code = httpx.post(f"{url}/api/v1/activation/config", json=body, headers=TOKEN).json()[
            "code"
        ]
        process.kill()

    with RunningSimulator(SimulatorSettings(state=state)) as simulator:
        (config,) = simulator.control("lem/state")["configs"]

    assert config["code"] == code


def test_its_help_names_the_switches_of_every_system():
    shown = _parser().format_help()

    assert all(each in shown for each in switches())
    assert {"SIMULATOR_PORT", "SIMULATOR_LEM_TOKEN", "SIMULATOR_ACUSIGHT_BASE"} <= {*switches()}
