"""`make up` ends by any signal that asks it to, as it ends by Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server  # a process of its own that brings Prefect takes seconds


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_the_background_too_where_a_shell_has_it_ignore_ctrl_c(tmp_path, number):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ledger = f"postgresql+psycopg://muster@127.0.0.1:{silent.getsockname()[1]}/ledger"
        environment = os.environ | {"PYTHONPATH": str(Path.cwd()), "MUSTER_LEDGER_URL": ledger}
        usual = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what it is started with
        try:
            up = subprocess.Popen(
                [sys.executable, "-m", "deployments.up"],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, usual)
        silent.settimeout(60)
        waits_for_its_ledger, _ = silent.accept()

        up.send_signal(number)
        output, _ = up.communicate(timeout=60)
        waits_for_its_ledger.close()

    assert (up.returncode, output.strip()) == (0, "Stopped.")
