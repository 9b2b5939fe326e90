"""A run that is killed: another one carries on, and nothing is done twice."""

import os
import signal
import subprocess
import sys
import time

import pytest
from prefect.settings import PREFECT_API_URL

from flows.onboard_site import onboard_site
from tests.flows.site import SITE, approvals, changes, devices, roster

FLOW = """
import asyncio, sys
from flows.onboard_site import onboard_site
asyncio.run(onboard_site("plant-7", sys.argv[1], return_state=True))
"""


def start_run(text):
    """The same flow in a process of its own, with Prefect's server the same."""
    environment = os.environ | {"PREFECT_API_URL": PREFECT_API_URL.value() or ""}
    return subprocess.Popen(
        [sys.executable, "-c", FLOW, text], env=environment, stderr=subprocess.DEVNULL
    )


def kill_when(process, is_time):
    """End `process` as a power cut would, as soon as `is_time`."""
    deadline = time.monotonic() + 60
    while not is_time():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "the moment to kill it never came"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize(
    "moment",
    [
        lambda lem: changes(lem)["config"] > 0,
        lambda lem: len(approvals(lem)) >= 1,
        lambda lem: len(approvals(lem)) >= 10,
        lambda lem: len(approvals(lem)) >= 20,
    ],
    ids=["after the config", "at the first approval", "half way", "after the last approval"],
)
def test_a_killed_run_is_carried_on_by_the_next(lem, ended, moment):
    booted = devices(20)
    lem.control("lem/boot", devices=booted, boot_seconds=[0, 40])
    text = roster(booted)
    kill_when(start_run(text), lambda: moment(lem))

    state = ended(onboard_site, SITE, text)

    assert state.message.startswith("plant-7: 20 in service.")
    assert lem.control("calls")["configs_added"] == 1
    assert sorted(approvals(lem).values()) == [1] * 20


@pytest.mark.parametrize("path", ["/activation/config$", "/request/status"])
def test_a_run_killed_while_the_answer_is_on_its_way_does_nothing_twice(lem, ended, path):
    booted = devices(4)
    lem.control("lem/boot", devices=booted)
    lem.control("faults", method="POST", path=path, kind="lost-reply", times=1)
    text = roster(booted)
    kill_when(start_run(text), lambda: sum(changes(lem).values()) > 0)
    lem.clear("faults")

    state = ended(onboard_site, SITE, text)

    assert state.message.startswith("plant-7: 4 in service.")
    assert lem.control("calls")["configs_added"] == 1
    assert sorted(approvals(lem).values()) == [1] * 4
