"""The month in a terminal: every night in a few short lines, and where its last report is."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from deployments.month_playing import NO_RUN, Night
from deployments.month_table import print_month

FIRST = datetime(2026, 10, 2, 2, tzinfo=UTC)
FACTS = {
    "states": [["plant-1", "lem", "in_service", 80], ["plant-1", "lem", "failed", 3]],
    "kinds": {"failed": 3, "held": 1},
    "not_checked": {},
    "actions": 5,
}


def a_night(number=1, **more):
    known = {"state": "Completed", "happened": ["17 powered on", "plant-1 roster onboarded"]}
    return Night(number, FIRST + timedelta(days=number - 1), **(known | more))


@pytest.fixture
def shown(tmp_path):
    """What a terminal of 80 columns shows of nights, of each of which the ledger keeps `facts`."""

    def show(*nights, facts=FACTS):
        console = Console(width=80, record=True, file=StringIO())
        records = {night.moment.date(): facts for night in nights if night.state != NO_RUN}
        print_month(console, nights, records, tmp_path)
        return [line.rstrip() for line in console.export_text().splitlines()]

    return show


def test_a_night_is_one_line(shown):
    _, line = shown(a_night())

    words = "1 Oct 02 80 of 83 4 5 17 powered on; plant-1 roster onboarded"
    assert line.split() == words.split()


def test_no_line_is_wider_than_the_terminal(shown):
    lines = shown(a_night(happened=[f"edge-{n} repaired" for n in range(30)]))

    assert max(map(len, lines)) <= 80


def test_a_night_without_a_run_has_no_numbers(shown):
    _, line = shown(a_night(state=NO_RUN, happened=["no run at night"]))

    assert line.split() == ["1", "Oct", "02", "no", "run", "at", "night"]


def test_what_was_not_checked_is_said(shown):
    lines = shown(a_night(happened=[]), facts=FACTS | {"not_checked": {"lem-2": "it is down"}})

    assert "not checked: lem-2" in lines[-1]


def test_a_night_that_failed_says_by_what(shown):
    lines = shown(a_night(happened=[], state="Failed", is_good=False, message="No ledger."))

    assert "Failed: No ledger." in lines[-1]


def test_the_end_names_the_last_page_and_its_workbook(shown, tmp_path):
    for day in ("02", "03"):
        (tmp_path / f"night-202610{day}T020000Z.html").touch()

    text = "\n".join(shown(a_night()))

    assert f"{tmp_path}/night-20261003T020000Z.html" in text
    assert f"{tmp_path}/night-20261003T020000Z.xlsx" in text
    assert "20261002" not in text
