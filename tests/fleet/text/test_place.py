"""Where a line is, as whoever opens the text or the workbook finds it."""

import pytest

from fleet.text.fault import Fault
from fleet.text.place import Place, letters


@pytest.mark.parametrize(
    ("place", "named", "label"),
    [
        (Place(14), "line 14", "14"),
        (Place(14, 14), "line 14", "14"),
        (Place(14, 12), "line 14 (row 12 of the sheet)", "14 (row 12)"),
        (Place(14, sheet="Devices"), "Devices!14", "Devices!14"),
        (Place(14, sheet="Hall 3"), "'Hall 3'!14", "'Hall 3'!14"),
        (Place(14, sheet="Ada's"), "'Ada''s'!14", "'Ada''s'!14"),
    ],
)
def test_a_line_is_named_as_its_reader_finds_it(place: Place, named: str, label: str) -> None:
    assert (str(place), place.label) == (named, label)


def test_a_fault_in_a_workbook_names_its_cell() -> None:
    cell = Fault(Place(14, sheet="Devices"), "mac", "zz", "it is none", "Write one", letters="C")

    assert str(cell) == "Devices!C14, column mac: it is none. Write one"


def test_places_are_in_order_sheet_by_sheet_as_the_lines_were_sent() -> None:
    first = Place(9, sheet="Hall 1", position=0)
    second, third = (Place(number, sheet="Annex", position=1) for number in (2, 10))

    in_order = sorted([third, first, second], key=lambda place: place.order)

    assert in_order == [first, second, third]


@pytest.mark.parametrize(
    ("index", "expected"), [(0, "A"), (2, "C"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_the_letters_of_spreadsheets(index: int, expected: str) -> None:
    assert letters(index) == expected
