"""`muster`: what all of its commands share."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from command.lazy import LazyGroup
from tests.command.exit_code import exit_code

ROOT = Path(__file__).parents[2]
NAMES = LazyGroup.names


@pytest.mark.process
def test_it_lists_every_command_without_importing_one():
    program = (
        "import sys\nfrom command.muster import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted(each for each in sys.modules if each.startswith('command.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    *shown, imported = done.stdout.splitlines()
    assert [name for name in NAMES if not any(f" {name} " in line for line in shown)] == []
    assert imported == "['command.lazy', 'command.muster', 'command.version']"


@pytest.mark.parametrize("name", NAMES)
def test_each_command_helps(name, capsys):
    assert exit_code(name, "--help") == 0

    assert f"Usage: muster {name}" in capsys.readouterr().out


def test_it_says_its_version(capsys):
    assert exit_code("--version") == 0

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert capsys.readouterr().out == f"muster {version}\n"


def test_no_server_that_it_starts_sends_usage_data(monkeypatch):
    monkeypatch.delenv("PREFECT_SERVER_ANALYTICS_ENABLED", raising=False)

    exit_code("--version")

    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_a_name_that_is_nearly_one_is_proposed(capsys):
    assert exit_code("chek") == 2

    assert "check" in capsys.readouterr().err


@pytest.mark.process
@pytest.mark.parametrize(
    ("words", "completed"), [("muster che", "check"), ("muster ledger back", "backup")]
)
def test_a_shell_completes_commands_also_those_of_one_that_is_imported_late(words, completed):
    asked = {"_MUSTER_COMPLETE": "complete_bash", "COMP_WORDS": words}
    asked["COMP_CWORD"] = str(words.count(" "))

    done = subprocess.run(
        [sys.executable, "-m", "command"], cwd=ROOT, env=asked, capture_output=True, text=True
    )

    assert done.stdout.split() == [completed]


@pytest.mark.process
def test_the_command_of_a_clone_is_made_by_its_makefile_and_found_by_any_link(tmp_path):
    clone = tmp_path / "my clone"
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / "command").mkdir()
    for name in ("Makefile", "command/clone.sh"):
        shutil.copy(ROOT / name, clone / name)
    python = clone / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "$PYTHONPATH" "$@"\n')
    python.chmod(0o755)
    subprocess.run(["make", ".venv/bin/muster"], cwd=clone, check=True)
    (tmp_path / "link").symlink_to(clone / ".venv/bin/muster")

    done = subprocess.run(
        [tmp_path / "link", "check", "a b.csv"], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.stdout == f"{clone} -P -m command check a b.csv\n"
