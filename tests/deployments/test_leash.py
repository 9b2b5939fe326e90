import subprocess
import sys
import time
from pathlib import Path

import pytest

from deployments.processes import DidNotStart, free_port, is_free, running


def is_alive(pid):
    """Whether a process runs; one that has ended and is not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(is_so, seconds=50):  # less than the sleep of what must not outlive its holder
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


HOLDER = """
import subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-m", "deployments.leash", sys.executable, "-c",
     "import os, time; print(os.getpid(), flush=True); time.sleep(60)"],
    stdin=subprocess.PIPE)
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_what_is_on_a_leash_does_not_outlive_a_killed_holder():
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE) as holder:
        pid = int(holder.stdout.readline())

        holder.kill()

        assert wait_until(lambda: not is_alive(pid))


def test_a_command_runs_as_long_as_its_context(tmp_path):
    port = free_port()
    command = ["http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]

    with running(command, tmp_path / "log", f"http://127.0.0.1:{port}/"):
        was_free = is_free(port)

    assert (was_free, is_free(port)) == (False, True)


def test_a_command_that_ends_at_once_is_reported_with_its_last_words(tmp_path):
    command = ["no_such_module"]

    with (
        pytest.raises(DidNotStart, match="No module named no_such_module"),
        running(command, tmp_path / "log", "http://127.0.0.1:9/"),
    ):
        pass


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) == 1:
    command = [sys.executable, __file__, "below"]
    subprocess.Popen(command, start_new_session=True)
print(os.getpid(), file=open(f"{__file__}.{len(sys.argv)}", "w"), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.process
def test_what_does_not_end_when_it_is_asked_to_is_ended_with_all_below_it(tmp_path):
    program = tmp_path / "stubborn.py"
    program.write_text(STUBBORN)
    notes = [tmp_path / f"stubborn.py.{number}" for number in (1, 2)]
    command = [sys.executable, "-m", "deployments.leash", sys.executable, str(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as leash:
        assert wait_until(lambda: all(note.exists() and note.read_text() for note in notes))
        pids = [int(note.read_text()) for note in notes]

    assert leash.returncode is not None
    assert not [pid for pid in pids if is_alive(pid)]
