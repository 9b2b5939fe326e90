"""`muster approvers`: who may decide, as the one who enrolls people meets it."""

import os

import pytest

from ledger.database.engine import connect
from ledger.session import Ledger
from tests.command.enrolling import enroll
from tests.command.exit_code import exit_code
from tests.fleet.builders import a_device
from tests.ledger.running import SITE, begun, stand


@pytest.fixture
def environment(sqlite_url, monkeypatch):
    """That of a ledger which knows plant-7."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", sqlite_url)
    engine = connect(sqlite_url)
    ledger, device = Ledger(engine), a_device("edge-1")
    stand(ledger, begun(ledger, device), device=device)
    engine.dispose()
    return os.environ


def run(capsys, *words):
    code = exit_code("approvers", *words)
    shown = capsys.readouterr()
    return code, shown.out.splitlines(), shown.err


@pytest.mark.process
def test_somebody_is_enrolled_on_a_terminal_listed_and_removed(environment, capsys):
    shown, code, _ = enroll(environment, "Anna Example", "--site", SITE)

    assert code == 0
    assert "Anna Example is enrolled as approver for plant-7." in shown
    assert "Typed names alone decide nothing any more for plant-7." in shown
    assert "clear this terminal" in shown
    assert shown.count("█") > 100  # the QR code

    code, listed, _ = run(capsys, "list")
    assert code == 0
    assert listed[0].startswith("Anna Example: approver for plant-7, since 20")
    assert len(listed) == 1

    assert run(capsys, "enroll", "anna EXAMPLE", "--site", SITE)[2].startswith(
        "anna EXAMPLE is enrolled already."
    )
    code, _, error = run(capsys, "remove", "anna example")
    assert (code, "is the last approver for plant-7" in error) == (1, True)
    assert run(capsys, "remove", "anna example", "--leave-unproved") == (
        0,
        ["Anna Example is enrolled no more."],
        "",
    )
    assert run(capsys, "list")[1] == ["Nobody is enrolled.", "Names are not proved at: plant-7"]
    assert exit_code("ledger", "verify") == 0


@pytest.mark.process
def test_wrong_digits_enroll_nobody_and_are_asked_for_again(environment, capsys):
    shown, _, _ = enroll(environment, "Anna", "--all-sites", digits="12345")

    assert "are not the six digits that the app shows now" in shown
    assert run(capsys, "list")[1][0] == "Nobody is enrolled."


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("Anna",), "Name the sites with --site, or say --all-sites."),
        (("Anna", "--site", SITE, "--all-sites"), "Name the sites with --site, or say"),
        (("Anna", "--site", "plant7"), "The ledger knows no site plant7. It knows: plant-7."),
        ((" ", "--all-sites"), "'' is no name that others could recognize."),
    ],
)
def test_what_would_guard_nothing_is_refused_in_one_line(environment, capsys, words, message):
    code, shown, error = run(capsys, "enroll", *words)

    assert (code, shown, error.count("\n")) == (1, [], 1)
    assert error.startswith(message)


def test_nobody_is_removed_who_is_not_enrolled(environment, capsys):
    assert run(capsys, "remove", "Anna") == (
        1,
        [],
        "Nobody is enrolled as 'Anna'. See: muster approvers list\n",
    )
