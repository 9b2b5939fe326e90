"""The demo, as its user runs it: killed half way, run again, and once more when all is done."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from simulator.running import RunningSimulator
from simulator.settings import SimulatorSettings

pytestmark = pytest.mark.server


def demo(folder):
    command = [sys.executable, "-m", "deployments.demo", "--folder", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def approvals(folder):
    """How many approvals the demo's ledger holds as done."""
    try:
        with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
            done = "SELECT count(*) FROM intent WHERE action = 'approve' AND outcome = 'done'"
            return ledger.execute(done).fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def has_a_key_on_its_way(folder):
    """Whether a key that is shown once may be on its way, so that a kill would lose it."""
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        by_code = "SELECT 1 FROM intent WHERE outcome IS NULL AND device NOT LIKE 'edge-%'"
        unanswered = "SELECT 1 FROM enrollment WHERE enrollment_id IS NULL"
        return ledger.execute(f"{by_code} UNION ALL {unanswered}").fetchone() is not None


def kill_while_no_key_is_on_its_way(process, folder, seconds):
    """Kill `process` at a moment when no key is on its way; it is stopped to look."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        os.kill(process.pid, signal.SIGSTOP)
        if not has_a_key_on_its_way(folder):
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            return
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.1)
    raise AssertionError(f"keys were on their way for {seconds} s")


def test_a_killed_demo_run_again_brings_every_device_into_service_by_one_approval(tmp_path):
    killed = demo(tmp_path)
    deadline = time.monotonic() + 120
    while approvals(tmp_path) < 10 and time.monotonic() < deadline:
        time.sleep(0.1)
    kill_while_no_key_is_on_its_way(killed, tmp_path, seconds=30)
    before = approvals(tmp_path)

    second = demo(tmp_path)
    message, _ = second.communicate(timeout=180)
    third = demo(tmp_path)
    again, _ = third.communicate(timeout=180)

    assert 10 <= before < 59
    assert (second.returncode, third.returncode) == (0, 0), message
    for text in (message, again):
        assert "60 in service, 1 faulty line, 1 unknown device" in " ".join(text.split())
        assert f"MUSTER_LEDGER_URL=sqlite:///{tmp_path}/ledger.db muster verify" in text
    state = SimulatorSettings(state=tmp_path / "lem.db")
    with RunningSimulator(state) as lem:
        known = lem.control("lem/state")
    assert approvals(tmp_path) == 59  # one is let in by its zero-touch profile
    shared = [c for c in known["configs"] if c["device_count"] == 38]
    assert len(shared) == 1
    assert len(known["devices"]) == 40
