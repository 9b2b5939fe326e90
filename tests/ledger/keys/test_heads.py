"""The file of heads: what is added to it, what it is read with, and what stands in the way."""

import os
from pathlib import Path
from threading import Thread

import pytest

from fleet.device.secret import SecretKind
from ledger.database.engine import LedgerUnusable
from ledger.database.settings import LedgerSettings
from ledger.keys.heads import HeadSettings, add, lines_of
from tests.command.exit_code import exit_code
from tests.fleet.builders import NOW
from tests.fleet.held import a_secret
from tests.ledger.running import begun

BESIDE = ("decision-heads.jsonl", "ledger.key", "decisions")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "heads.jsonl"


@pytest.fixture
def line(ledger):
    return ledger.decisions.sign_head(NOW)[1]


def test_a_head_that_is_signed_while_the_ledger_is_verified_counts_no_more_than_it(ledger, file):
    os.mkfifo(file)  # whoever reads it waits until the run has sealed, and signed what it has

    def run():
        with file.open("wb", buffering=0):
            secret = a_secret(SecretKind.PROVISION_TOKEN, "new", device="edge-1")
            ledger.secrets.keep(begun(ledger), [secret], NOW)
            assert add(file, ledger.decisions.sign_head(NOW)[1]) == ""

    running = Thread(target=run)
    running.start()
    found = ledger.decisions.heads(file)
    running.join()

    assert len(found.hashes) == 1
    assert found.faults == []


def test_a_head_after_one_that_was_cut_off_is_whole(file, line):
    add(file, line)
    file.write_bytes(file.read_bytes()[:-20])

    assert add(file, line) == ""

    assert lines_of(file) == [None, line]


def test_a_head_that_has_no_room_is_reported(line):
    assert "could not be written to /dev/full" in add(Path("/dev/full"), line)


def test_no_folder_is_made_in_place_of_one_that_is_not_mounted(tmp_path, line):
    trouble = add(tmp_path / "share" / "heads.jsonl", line)

    assert "Correct MUSTER_DECISION_HEADS, mount its folder" in trouble
    assert not (tmp_path / "share").exists()


def test_the_folder_of_the_default_is_made(tmp_path, line, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MUSTER_DECISION_HEADS")

    assert add(HeadSettings().heads, line) == ""
    assert (tmp_path / "var/decision-heads.jsonl").exists()


def test_without_a_setting_heads_key_and_archive_are_beside_the_ledger(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/demo/ledger.db?timeout=5")
    monkeypatch.delenv("MUSTER_DECISION_HEADS")

    found = {HeadSettings().heads, LedgerSettings().key_file, LedgerSettings().archive}

    assert found == {tmp_path / "demo" / name for name in BESIDE}


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "nonsense", "sqlite://"])
def test_those_of_any_other_ledger_are_in_var(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_URL", url)

    assert LedgerSettings().key_file == Path("var/ledger.key")


def test_a_key_that_is_in_var_is_still_found_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/elsewhere/ledger.db")
    Path("var").mkdir()
    Path("var/ledger.key").touch()

    assert LedgerSettings().key_file == Path("var/ledger.key")


def test_so_is_one_that_came_there_since_settings_were_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_URL", "sqlite:///other/ledger.db")
    assert LedgerSettings.current().key_file == Path("other/ledger.key")

    Path("var").mkdir()
    Path("var/ledger.key").touch()

    assert LedgerSettings.current().key_file == Path("var/ledger.key")


def test_a_key_file_that_is_set_is_that_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", "own.key")
    Path("var").mkdir()
    Path("var/ledger.key").touch()

    assert LedgerSettings.current().key_file == Path("own.key")


def test_a_folder_in_place_of_the_file_is_named(file):
    file.mkdir()

    with pytest.raises(LedgerUnusable, match=f"in {file} cannot be read: .*MUSTER_DECISION_HEADS"):
        lines_of(file)


@pytest.mark.heavy
@pytest.mark.parametrize("command", [["verify"], ["restore", "backup"]])
def test_commands_name_the_variable(sqlite_url, file, tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_URL", sqlite_url)
    assert exit_code("ledger", "backup", "backup") == 0
    monkeypatch.setenv("MUSTER_DECISION_HEADS", str(file))
    file.mkdir()

    assert exit_code("ledger", *command) == 1
    assert "MUSTER_DECISION_HEADS" in capsys.readouterr().err
