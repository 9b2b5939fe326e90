"""What `make demo` and `make up` say in the terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from deployments.demo import _say, _tables
from deployments.processes import DidNotStart, alone_in
from deployments.up import _checked_settings

FAILED = SimpleNamespace(message="LEM cannot be reached.", is_completed=lambda: False)


@pytest.fixture
def reports(tmp_path):
    (tmp_path / "reports").mkdir()

    def write(moment, state):
        table = tmp_path / f"reports/onboarding-plant-7-{moment}.csv"
        table.write_text(f"line,device,state,reason\n2,edge-001,{state},\n")

    write("20260101T000000Z", "in service")
    return write


def message(state, written):
    console = Console(file=io.StringIO(), width=100)
    _say(console, state, written)
    return console.file.getvalue()


def test_a_run_that_ended_before_its_report_shows_no_earlier_one(tmp_path, reports):
    before = _tables(tmp_path)

    text = message(FAILED, _tables(tmp_path) - before)

    assert text == "LEM cannot be reached.\n"


def test_a_run_shows_the_report_that_it_wrote(tmp_path, reports):
    before = _tables(tmp_path)
    reports("20250101T000000Z", "failed")  # by a clock that was set back

    text = message(FAILED, _tables(tmp_path) - before)

    assert "failed" in text
    assert "in service" not in text


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("MUSTER_UP_PORT", "abc", "MUSTER_UP_PORT: Input should be a valid integer"),
        ("MUSTER_LEDGER_LEASE", "PT0S", "MUSTER_LEDGER_LEASE: Input should be greater than"),
        ("MUSTER_OBSERVE_GAP_MIN", "PT20S", "MUSTER_OBSERVE_GAP_MAX: Input should not be less"),
        ("MUSTER_DOUBT", "PT9S", "MUSTER_DOUBT is now called MUSTER_OUTCOME_TIMEOUT. Rename it."),
        ("MUSTER_PACE_PATIENCE", "PT9S", "MUSTER_PACE_PATIENCE is now called MUSTER_PACE_WAIT_"),
        ("LEM_TOKEN", "a-sécret", "LEM_TOKEN: Input should be printable ASCII"),
    ],
)
def test_a_bad_setting_is_reported_in_one_line_without_its_value(monkeypatch, name, value, line):
    monkeypatch.setenv(name, value)

    with pytest.raises(DidNotStart) as message:
        _checked_settings()

    assert str(message.value).startswith(line)
    assert "\n" not in str(message.value)
    assert "cret" not in str(message.value)


@pytest.mark.server  # a process of its own that brings Prefect takes seconds
def test_make_up_ends_with_that_line(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path.cwd()), "LEM_TOKEN": "a-sécret"}
    command = [sys.executable, "-m", "deployments.up"]

    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.startswith("LEM_TOKEN: Input should be printable ASCII")
    assert ended.stdout.count("\n") == 1


def test_two_cannot_share_a_folder_at_the_same_time(tmp_path):
    with alone_in(tmp_path), pytest.raises(DidNotStart, match="already"), alone_in(tmp_path):
        pass

    with alone_in(tmp_path):
        pass
