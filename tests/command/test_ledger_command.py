"""`muster ledger` as its user meets it: one sentence, an exit code, and never a traceback."""

from datetime import timedelta

import pytest

from ledger.database.engine import connect
from ledger.session import Ledger
from tests.command.exit_code import exit_code
from tests.fleet.builders import NOW
from tests.ledger.running import ONE, SCOPE, SITE


@pytest.fixture
def url(sqlite_url, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_URL", sqlite_url)
    assert exit_code("ledger", "prepare") == 0
    return sqlite_url


@pytest.mark.heavy
def test_a_ledger_is_backed_up_and_restored(url, tmp_path, capsys):
    codes = [exit_code("ledger", word, f"{tmp_path}/backup") for word in ("backup", "restore")]

    shown = capsys.readouterr()
    assert codes == [0, 0]
    assert f"Backed up to {tmp_path}/backup: " in shown.out
    assert "Store the ledger's key as well, and apart from it." in shown.out
    assert f"What was there before is now {tmp_path}/ledger.db.replaced-" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("word", ["backup", "restore"])
def test_what_cannot_be_done_is_one_line_and_the_exit_code_1(url, tmp_path, capsys, word):
    (tmp_path / "file").touch()
    capsys.readouterr()

    code = exit_code("ledger", word, f"{tmp_path}/file")

    shown = capsys.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (1, "", 1)
    assert f"{tmp_path}/file is" in shown.err


@pytest.mark.heavy
def test_a_run_that_has_not_ended_is_watched_and_that_is_said(url, tmp_path, capsys):
    assert exit_code("ledger", "backup", f"{tmp_path}/backup") == 0
    engine = connect(url)
    Ledger(engine).claims.open_claim(SITE, SCOPE, "dead", (ONE,), NOW, timedelta(seconds=0.1))
    engine.dispose()

    assert exit_code("ledger", "restore", f"{tmp_path}/backup") == 0
    assert "A run has not ended. Watching it for 0 s" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("ledger", "erase"), ("nothing",), ("ledger", "backup")])
def test_what_is_no_command_is_refused_with_its_usage(words, capsys):
    assert exit_code(*words) == 2
    assert "Usage: muster" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    assert exit_code("ledger", "--help") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("prepare", "verify", "backup", "restore"))


@pytest.mark.parametrize("word", ["backup", "restore"])
@pytest.mark.parametrize("named", ["", "/"], ids=["nothing", "a folder"])
def test_a_folder_is_no_file_for_a_backup(word, named, capsys):
    code = exit_code("ledger", word, named)

    shown = capsys.readouterr()
    assert (code, shown.out) == (1, "")
    assert shown.err == (
        f"Name the backup's file, such as ledger-2026-11-30.backup; {named or '.'} is a folder.\n"
    )
