"""A night prunes what is too old: in the ledger, and in the folder of reports."""

from datetime import timedelta

import pytest

from ledger.session import open_ledger
from tasks.nightly.prune import prune
from tasks.runtime.report_files import prune_reports
from tests.fleet.builders import NOW
from tests.ledger.decided import recorded, tamper

OLD = [
    "plant-7-20250101T020000Z.html",
    "plant-7-20250101T020000Z.csv",
    "night-20250101T020000Z.xlsx",
    "night-20250101T020000Z-findings.csv",
    "night-20250101T020000Z-dry-devices.csv",
]
OTHERS = [
    "night-20260301T020000Z.html",
    "budget-2024.xlsx",
    "plant-7-20250101T020000Z.html.bak",
    "20250101T020000Z.html",
    "night-20259901T020000Z.html",
    "night-20251331T020000Z.html",
]


@pytest.fixture
def reports(tmp_path, monkeypatch):
    folder = tmp_path / "reports"
    monkeypatch.setenv("MUSTER_REPORTS", str(folder))
    folder.mkdir()
    for name in OLD + OTHERS:
        (folder / name).touch()
    return folder


@pytest.fixture
def ledger(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_ARCHIVE", str(tmp_path / "archive"))
    with open_ledger(database_url) as ledger:
        yield ledger


def test_old_reports_are_deleted_and_other_files_are_left_alone(reports):
    assert prune_reports(NOW) == len(OLD) + 1  # and the one of the day before
    assert {file.name for file in reports.iterdir()} == {*OTHERS[1:]}


def test_without_a_folder_of_reports_nothing_is_deleted(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_REPORTS", str(tmp_path / "none"))

    assert prune_reports(NOW) == 0


def test_a_night_prunes_by_the_settings(ledger, reports, monkeypatch, tmp_path):
    monkeypatch.setenv("MUSTER_DECISION_HISTORY", "P31D")
    recorded(ledger, 3)

    assert prune(ledger, NOW + timedelta(days=100)) == ""

    assert len([*(tmp_path / "archive").iterdir()]) == 1
    assert ledger.decisions.verify() is None
    assert not {file.name for file in reports.iterdir()} & {*OLD}


def test_decisions_that_cannot_be_archived_are_named_and_the_rest_is_pruned(
    ledger, reports, database_url
):
    recorded(ledger, 3)
    tamper(ledger.decisions._engine, "UPDATE decision SET reason = 'as you like' WHERE id = 1")

    trouble = prune(ledger, NOW + timedelta(days=800))

    assert trouble.startswith("No decision was archived, because the chain is broken at decision 1")
    assert not {file.name for file in reports.iterdir()} & {*OLD}
