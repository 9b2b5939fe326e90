"""A workbook may hold many sites: a run takes the lines of its own, and says what it left out."""

from pathlib import Path

import pytest

from fleet.roster.reading import judged, reading_of
from fleet.roster.roster import Roster
from fleet.roster.sites import is_nearly
from fleet.text.fault import UnusableRoster
from sheets.read import read as tables
from sheets.read import read_roster

ROSTERS = Path(__file__).parents[2] / "rosters"


def read(text: str) -> Roster:
    return read_roster(text, "plant-7", "lem")


def test_lines_of_other_sites_are_left_out_and_counted() -> None:
    roster = read("device,Site\nedge-1,Plant 7\nedge-2,plant-8\nedge-2,plant-8\nedge-4,plant-9\n")

    assert [d.name for d in roster.devices] == ["edge-1"]
    assert roster.faults == ()
    assert roster.notes == ("3 lines of others were left out: plant-8 (2), plant-9 (1).",)


def test_a_line_without_a_site_is_this_ones_unless_others_are_named() -> None:
    assert [d.name for d in read("device,Site\nedge-1,plant-7\nedge-2,\n").devices] == [
        "edge-1",
        "edge-2",
    ]
    (fault,) = read("device,Site\nedge-1,plant-7\nedge-2,\nedge-3,plant-8\n").faults
    assert (fault.line.number, fault.column) == (3, "site")


def test_a_site_that_is_nearly_this_one_is_a_fault() -> None:
    roster = read("device,Site\nedge-1,plant-7\nedge-2,plnat-7\n")

    assert [(f.line.number, f.column) for f in roster.faults] == [(3, "site")]


def test_a_roster_of_other_sites_alone_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnusableRoster, match=r"plant-8 \(2\), plant-9 \(1\)"):
        read("device,Site\nedge-1,plant-8\nedge-2,plant-9\nedge-3,plant-8\n")


def test_a_column_that_may_be_of_sites_is_one_where_it_names_this_site() -> None:
    assert read("device,Location\nedge-1,Hall 3\n").unknown_columns == ("location",)
    assert [d.name for d in read("device,Location\nedge-1,plant 7\nedge-2,x\n").devices] == [
        "edge-1"
    ]


@pytest.mark.parametrize("text", ["plnt-7", "plant7", "plaant-7", "plamt 7", "plnat-7", "plant-07"])
def test_a_letter_more_or_less_is_a_typo(text: str) -> None:
    assert is_nearly(text, "plant-7")


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("plant-8", "plant-7"),
        ("plant-77", "plant-7"),
        ("plant", "plant-7"),
        ("hall-b", "hall-a"),
        ("plant-7", "plant-7"),
        ("north", "south"),
        ("", "a"),
    ],
)
def test_another_number_or_letter_by_itself_is_another_site(text: str, site: str) -> None:
    assert not is_nearly(text, site)


def test_check_and_plan_take_the_same_lines_where_the_site_is_spelled_otherwise():
    sent = tables((ROSTERS / "german-inventory.csv").read_bytes())

    checked = reading_of(sent, "plant-7")
    planned = judged(sent, "plant-7", "lem")
    [site] = [each for each in checked.columns.columns if each.field == "site"]

    assert len(checked.lines) == 2
    assert {line.place for line in checked.lines} == {
        *(line.place for line in planned.lines),
        *planned.proposed_lines,
    }
    assert "'Plant 7'" in site.reason
