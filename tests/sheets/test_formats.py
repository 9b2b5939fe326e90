"""What a workbook shows instead of a number, and formulas that nobody calculated."""

import io
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from fleet.roster.choices import Choices
from fleet.roster.repair import Acceptance
from fleet.roster.roster import Roster
from fleet.roster.table import Row
from fleet.text.fault import UnusableRoster
from sheets.read import read, read_roster
from sheets.workbook_formats import shown_by
from tests.sheets.books import saved

HEADER = ["device", "host_id", "mac"]
SHEET = "xl/worksheets/sheet1.xml"


def book(*rows: list[object], formats: dict[str, str] | None = None) -> bytes:
    """A workbook of one sheet with these number formats, by the cell."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Devices"
    for row in (HEADER, *rows):
        sheet.append(row)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    return saved(made)


def with_part(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with other bytes in one of its parts."""
    changed = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as before, ZipFile(changed, "w") as after:
        for part in before.namelist():
            data = before.read(part)
            if part == name:
                assert old in data
                data = data.replace(old, new)
            after.writestr(part, data)
    return changed.getvalue()


def last_row(content: bytes) -> Row:
    return read(content).tables[0].rows[-1]


def accepted(content: bytes) -> Roster:
    choices = Choices(accept_repairs=Acceptance.of("safe"))
    return read_roster(content, "plant-7", "lem", (), choices)


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("000000000000", "1122334455", "001122334455"),
        ("000", "7", "007"),
        ("000", "12345", "12345"),
        ('00":"00":"00":"00":"00":"00', "20039322499", "02:00:39:32:24:99"),
        (r"00\:00\:00\:00\:00\:00", "20039322499", "02:00:39:32:24:99"),
        ("00-00-00", "7", "00-00-07"),
        ('"edge-"000', "42", "edge-042"),
        ("####", "7", "7"),
        ("000000000000;[Red]-0", "1.122334455E9", "001122334455"),
        ("000", "-7", ""),
        ("000", "1.5", ""),
        ("000", "1E+300", ""),
        ("000", "seven", ""),
    ],
)
def test_a_format_shows_a_whole_number_with_its_zeros_and_signs(
    code: str, value: str, shown: str
) -> None:
    assert shown_by(code, value) == shown


def test_zeros_that_only_the_format_shows_are_a_safe_repair_of_their_cell() -> None:
    content = book(["edge-1", 1122334455, ""], formats={"B2": "000000000000"})

    roster = accepted(content)

    assert [device.host_id for device in roster.devices] == ["001122334455"]
    assert [str(repair) for repair in roster.repaired] == [
        "Devices!B2, column host_id: read '1122334455', would use '001122334455', because the "
        "cell's format shows 12 digits."
    ]


def test_a_number_keeps_all_digits_that_the_cell_shows_with_an_exponent() -> None:
    content = book(["edge-1", 112233445566, ""], formats={"B2": "0.00E+00"})

    assert [d.host_id for d in read_roster(content, "plant-7", "lem").devices] == ["112233445566"]


@pytest.mark.parametrize("code", ["0.00", "#,##0", "0%", "yyyy-mm-dd", "General", "0", "@"])
def test_a_format_that_adds_no_zeros_shows_nothing_else(code: str) -> None:
    assert not last_row(book(["edge-1", 12345, ""], formats={"B2": code})).shown


def test_a_text_is_what_it_is_whatever_its_format() -> None:
    assert not last_row(book(["edge-1", "1122", ""], formats={"B2": "000000000000"})).shown


def test_a_formula_that_nobody_calculated_is_a_fault_of_its_cell_and_no_line_is_lost() -> None:
    content = book(
        ["edge-1", "43e210471948", ""],
        ["=A2", "=B2", ""],  # a whole row that reads as empty
        ["edge-3", "=B2", ""],
        ["=A2", None, None],
    )

    roster = read_roster(content, "plant-7", "lem")

    assert [device.name for device in roster.devices] == ["edge-1"]
    assert [(str(f.line.cell(f.letters)), f.column) for f in roster.faults] == [
        ("Devices!A3", "device"),
        ("Devices!B3", "host_id"),
        ("Devices!B4", "host_id"),
        ("Devices!A5", "device"),
    ]


def test_an_error_is_read_as_it_is_shown_and_never_as_nothing() -> None:
    content = book(["edge-1", "43e210471948", ""], ["edge-2", None, None], [None, None, None])
    made = load_workbook(io.BytesIO(content))
    for cell, error in {"B3": "#REF!", "C3": "#N/A", "A4": "#NAME?"}.items():
        made["Devices"][cell].value, made["Devices"][cell].data_type = error, "e"

    roster = read_roster(saved(made), "plant-7", "lem")

    assert [device.name for device in roster.devices] == ["edge-1"]
    assert [(fault.column, fault.value) for fault in roster.faults] == [
        ("host_id", "#REF!"),
        ("device", "#NAME?"),
    ]
    assert [(repair.column, repair.read, repair.use) for repair in roster.proposed] == [
        ("mac", "#N/A", "")
    ]


def test_of_a_formula_what_was_saved_is_read() -> None:
    content = book(["edge-1", "=1+1", ""])
    cell = b"<f>1+1</f><v></v>" if b"<v></v>" in sheet_of(content) else b"<f>1+1</f><v />"

    calculated = with_part(content, SHEET, cell, b"<f>1+1</f><v>112233445566</v>")

    assert last_row(calculated).cells[1] == "112233445566"
    assert not last_row(calculated).unsaved


def test_zeros_that_a_program_wrote_to_be_calculated_later_are_no_values() -> None:
    content = book(["edge-1", "=1+1", ""])
    cell = b"<f>1+1</f><v></v>" if b"<v></v>" in sheet_of(content) else b"<f>1+1</f><v />"

    written = with_part(content, SHEET, cell, b"<f>1+1</f><v>0</v>")

    assert last_row(written).unsaved == {1}  # openpyxl asks for all to be calculated


def test_a_part_that_declares_entities_is_not_read() -> None:
    content = book(["edge-1", 7, ""], formats={"B2": "000"})
    doctype = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet '

    with pytest.raises(UnusableRoster, match="cannot be read"):
        read(with_part(content, SHEET, b"<worksheet ", doctype))


def sheet_of(content: bytes) -> bytes:
    with ZipFile(io.BytesIO(content)) as parts:
        return parts.read(SHEET)
