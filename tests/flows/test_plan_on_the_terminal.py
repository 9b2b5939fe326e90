"""`muster plan` and `muster onboard` make the same runs on a terminal, and say by their exit."""

import pytest

from ledger.session import open_ledger
from tests.command.exit_code import exit_code
from tests.flows.site import SITE, changes, device, devices, roster


@pytest.fixture
def muster(lem, tmp_path, monkeypatch):
    """Runs the command where no setting allows the folder of the file; how it exits."""
    monkeypatch.setenv("MUSTER_ROSTERS", str(tmp_path / "elsewhere"))

    return lambda *words: exit_code(*map(str, words))


@pytest.fixture
def sheet(tmp_path):
    def written(booted):
        file = tmp_path / "july.csv"
        file.write_text(roster(booted))
        return file

    return written


def latest():
    with open_ledger() as ledger:
        return ledger.site_plans.latest(SITE)


def test_a_site_is_planned_and_then_onboarded_by_that_plan(lem, muster, sheet, capsys):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)

    assert (muster("plan", sheet(booted), "--site", SITE), changes(lem)) == (2, {})
    assert f"muster onboard --site {SITE} --plan {latest().id}" in capsys.readouterr().out

    assert muster("onboard", "--site", SITE, "--plan", latest().id) == 0
    assert changes(lem) == {"config": 1, "status": 2}

    assert muster("plan", sheet(booted), "--site", SITE) == 0


def test_what_is_still_to_come_is_another_exit_than_what_failed(lem, muster, sheet):
    file = sheet([device(1, "never")])

    waiting = muster("onboard", file, "--site", SITE, "--wait-minutes", 0)
    refused = muster("onboard", "--site", SITE, "--plan", "0" * 16)

    assert (waiting, refused) == (2, 1)


def test_a_roster_that_cannot_be_read_is_one_message(lem, muster, tmp_path, capsys):
    file = tmp_path / "july.csv"
    file.write_text("one,two\n1,2\n")

    assert muster("plan", file, "--site", SITE) == 1

    said = capsys.readouterr().err
    assert "column 'device'" in said
    assert said.count("\n") == 1


def test_a_run_says_how_far_it_is_and_what_is_left(lem, muster, sheet, capsys):
    booted = [device(1), device(2, "never")]
    lem.control("lem/boot", devices=booted)

    assert muster("onboard", sheet(booted), "--site", SITE, "--wait-minutes", 0) == 2

    said = capsys.readouterr()
    assert "2 not enrolled" in said.err
    assert " | " not in said.err
    assert booted[1]["name"] in said.out
