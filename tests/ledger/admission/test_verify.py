"""`muster ledger verify`: whether every decision is as it was recorded, in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.admission.chain import GENESIS
from ledger.database.engine import connect
from ledger.session import Ledger
from tests.command.exit_code import exit_code
from tests.ledger.decided import recorded, tamper


@pytest.fixture
def verified(monkeypatch, capsys):
    """Verifies the ledger at a URL: the exit code, and what is on stdout and stderr."""

    def verified(url, *arguments):
        monkeypatch.setenv("MUSTER_LEDGER_URL", url)
        code = exit_code("ledger", "verify", *arguments)
        return code, *capsys.readouterr()

    return verified


@pytest.fixture
def heads(ledger):
    """Three decisions, and the head after each."""
    return recorded(ledger, 3)


@pytest.mark.process
def test_an_empty_chain_holds(url):
    ended = subprocess.run(
        [sys.executable, "-m", "command", "ledger", "verify"],
        env=os.environ | {"PYTHONPATH": str(Path.cwd()), "MUSTER_LEDGER_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == f"The chain of decisions holds: 0 in all, head {GENESIS}.\n"


@pytest.mark.parametrize("printed", [0, 2, None])
def test_a_chain_that_holds_is_reported_with_its_count_and_head(verified, url, heads, printed):
    arguments = () if printed is None else ("--head", heads[printed].upper())

    code, message, error = verified(url, *arguments)

    assert (code, error) == (0, "")
    assert message.startswith(f"The chain of decisions holds: 3 in all, head {heads[2]}. There are")


def test_the_first_broken_link_is_reported_with_its_number_and_whose_it_is(
    verified, url, engine, heads
):
    tamper(engine, "UPDATE decision SET reason = 'as you like' WHERE id > 1")

    assert verified(url) == (
        1,
        "",
        "The chain of decisions is broken at decision 2 (Anna, 2026-03-02 09:00:02 UTC): it was "
        "changed after it was recorded.\n",
    )


def test_an_end_that_was_cut_off_is_reported(verified, url, engine, heads):
    tamper(engine, "DELETE FROM decision WHERE id = 3")

    code, _, message = verified(url)

    assert code == 1
    assert message.startswith("The chain of decisions is broken at decision 3: the ledger notes 3")


def test_a_head_that_is_not_in_the_chain_is_reported(verified, url, heads):
    code, _, message = verified(url, "--head", "0f" * 32)

    assert code == 1
    assert message == (
        "The chain of decisions is broken at decision 4: none of the 3 before it has the hash "
        f"{'0f' * 32}: the end was cut off or rewritten, or that head is mistyped or from another "
        "ledger.\n"
    )


@pytest.mark.parametrize("head", ["abc", "g" * 64, "0" * 63, "0" * 65, "3 in all, head 00"])
def test_a_head_that_is_none_is_refused_in_a_sentence(verified, url, head):
    message = f"A head has 64 hex digits, as a report prints it. {head!r} has not.\n"
    assert verified(url, "--head", head) == (1, "", message)


def test_an_empty_head_is_as_good_as_none(verified, url):
    assert verified(url, "--head", "")[0] == 0


def test_a_ledger_that_was_never_prepared_says_how_to(verified, tmp_path):
    (tmp_path / "new.db").touch()

    code, _, message = verified(f"sqlite:///{tmp_path}/new.db")

    assert code == 1
    assert (
        message
        == "The ledger's tables are missing or of another version. Run: muster ledger prepare\n"
    )


def test_a_ledger_that_is_not_there_is_not_made_by_verifying_it(verified, tmp_path):
    code, _, message = verified(f"sqlite:///{tmp_path}/new.db")

    assert code == 1
    assert message.startswith(f"There is no ledger at {tmp_path}/new.db. ")
    assert not (tmp_path / "new.db").exists()


def test_a_ledger_that_does_not_answer_is_reported_in_one_line(verified):
    code, _, message = verified(
        "postgresql+psycopg://muster:s3cret@127.0.0.1:1/l?connect_timeout=2"
    )

    assert code == 1
    assert message.startswith("The ledger cannot be opened: ")
    assert message.count("\n") == 1
    assert "s3cret" not in message


@pytest.mark.parametrize("made", ["decided_at = 'yesterday'", "reason = CAST(x'ff' AS TEXT)"])
def test_a_decision_that_was_made_unreadable_is_reported_in_one_line(verified, sqlite_url, made):
    engine = connect(sqlite_url)
    recorded(Ledger(engine), 3)
    tamper(engine, f"UPDATE decision SET {made} WHERE id = 2")
    engine.dispose()

    code, _, message = verified(sqlite_url)

    assert code == 1
    assert message.startswith(("The chain of decisions is broken at decision 2: ", "The ledger "))
    assert message.count("\n") == 1
