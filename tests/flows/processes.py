"""Flows in processes of their own, with Prefect's server the same, to be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from prefect.settings import PREFECT_API_URL

_RUN = """
import asyncio, sys
from flows.onboard_site import onboard_site
state = asyncio.run(onboard_site("plant-7", sys.argv[1], return_state=True))
print(state.name, state.message)
"""
_NIGHT = """
import asyncio
from flows.reconcile_sites import reconcile_sites
asyncio.run(reconcile_sites(return_state=True))
"""


def start_run(roster: str, api: str = "") -> subprocess.Popen[str]:
    """A run of onboard-site, which prints how it ended; `api` is how it reaches Prefect's."""
    return _started(_RUN, roster, api=api)


def start_night() -> subprocess.Popen[str]:
    """A run of reconcile-sites."""
    return _started(_NIGHT)


def _started(code: str, *args: str, api: str = "") -> subprocess.Popen[str]:
    environment = os.environ | {"PREFECT_API_URL": api or PREFECT_API_URL.value() or ""}
    return subprocess.Popen(
        [sys.executable, "-c", code, *args],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def await_that(process: subprocess.Popen[str], is_time: Callable[[], bool]) -> None:
    """Wait for `is_time`, which must come before the process ends."""
    deadline = time.monotonic() + 60
    while not is_time():
        assert process.poll() is None, "the run ended before that moment came"
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.01)


def kill_when(process: subprocess.Popen[str], is_time: Callable[[], bool]) -> None:
    """End `process` as a power cut would, as soon as `is_time`."""
    await_that(process, is_time)
    process.send_signal(signal.SIGKILL)
    process.communicate()
