import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.settings import LedgerSettings


@pytest.mark.parametrize("lease", ["x", "PT0S", "PT0.9S", "-PT5S"])
def test_python_m_ledger_tells_a_bad_setting_in_one_line(tmp_path, lease):
    environment = os.environ | {"PYTHONPATH": str(Path.cwd()), "MUSTER_LEDGER_LEASE": lease}
    command = [sys.executable, "-m", "ledger"]

    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("MUSTER_LEDGER_LEASE: Input should be ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(("given", "lease"), [("PT1S", 1), ("PT2S", 2), ("", 15)])
def test_a_lease_lasts_a_second_or_longer_and_an_empty_one_is_the_usual(monkeypatch, given, lease):
    monkeypatch.setenv("MUSTER_LEDGER_LEASE", given)

    assert LedgerSettings(_env_file=None).lease == timedelta(seconds=lease)
