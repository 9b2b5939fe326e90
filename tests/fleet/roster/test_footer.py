"""Footers: what stands below a table is no device."""

import pytest

from fleet.roster.reading import Reading, reading_of
from fleet.roster.table import Row, Sent, Table
from fleet.text.place import Place

HEADER = ("No.", "device", "host_id", "mac")
DEVICES = [
    ("1", "edge-1", "43e210471948", ""),
    ("2", "edge-2", "43e210471949", "02:00:00:00:00:11"),
]


def read(*footer: tuple[str, ...], gap: int = 0) -> Reading:
    """What comes out of two devices and the rows below them, after so many blank rows."""
    rows = [Row(Place(number), cells) for number, cells in enumerate((HEADER, *DEVICES), 1)]
    rows += [Row(Place(number), cells) for number, cells in enumerate(footer, 4 + gap)]
    return reading_of(Sent((Table(tuple(rows)),)))


@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize(
    "footer",
    [
        ("", "Total: 7"),
        ("Total: 13",),
        ("Total", "7"),
        ("", "TOTAL", "", "2"),
        ("", "Grand total"),
        ("", "Sum = 2"),
        ("", "Count: 1,234"),
        ("", "2 devices"),
        ("", "Summe", "2"),
        ("", "Gesamt: 2 Ger\u00e4te"),
        ("Anzahl", "2"),
        ("", "Exported by", "somebody"),
        ("", "Page 1"),
        ("", "page 1 of 2"),
        ("", "Seite 1 von 2"),
    ],
)
def test_a_count_or_a_page_below_the_table_is_no_device_and_is_noted(footer, gap):
    found = read(footer, gap=gap)

    assert [line.name for line in found.lines] == ["edge-1", "edge-2"]
    assert not any(line.faults or line.proposed for line in found.lines)
    assert any(f"line {4 + gap}" in note for note in found.notes)


def test_a_count_of_several_columns_is_one_after_a_blank_row():
    assert len(read(("Total", "2", "2", "1"), gap=1).lines) == 2
    assert len(read(("Total", "2", "2", "1")).lines) == 3


def test_several_rows_may_be_below_the_table():
    assert len(read(("", "Total: 2"), ("", "Exported by", "me"), ("", "page 1")).lines) == 2


@pytest.mark.parametrize(
    "line",
    [
        ("3", "edge-3"),
        ("", "total-7"),
        ("", "Totalizer 2"),
        ("", "Total 2", "43e210471950"),
        ("", "Total", "", "02:00:00:00:00:12"),
        ("", "Summerhall"),
        ("", "counter-1"),
        ("", "page-1-press"),
    ],
)
def test_what_names_a_device_or_says_which_it_is_remains_a_line(line):
    assert len(read(line, gap=1).lines) == 3


def test_a_count_amid_the_devices_remains_a_line_that_a_person_sees():
    assert len(read(("", "Total: 2"), ("3", "edge-3", "43e210471950")).lines) == 4


def test_a_name_is_never_surely_repaired_on_a_line_that_says_nothing_else():
    *_, alone, absent, identified = read(
        ("3", "edge 3"), ("4", "edge 4", "n/a", "-"), ("5", "edge 5", "43e210471950")
    ).lines

    assert [[r.is_safe for r in d.proposed if r.column == "device"] for d in (alone, absent)] == [
        [False],
        [False],
    ]
    assert [repair.is_safe for repair in identified.proposed] == [True]
