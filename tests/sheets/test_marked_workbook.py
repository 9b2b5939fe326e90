"""The marked copy of a workbook: all of it stays, and what came of each line is added."""

import io
import json
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from fleet.text.place import Place
from sheets.marked import marked
from sheets.read import read
from sheets.results import LineResult
from sheets.workbook_writer import FAULT, MOST_UNPACKED
from tests.sheets.books import ods, saved, xlsx
from tests.sheets.marking import cells_of, copy_of

pytestmark = pytest.mark.process  # openpyxl writes in one of its own

ADDED = ["Muster: status", "Muster: reason", "Muster: proposes", "Muster: device id"]


def a_plant() -> Workbook:
    """A workbook as people make them: instructions, a title, formats, a formula, a comment."""
    book = Workbook()
    book.worksheets[0].title = "Read me"
    book.worksheets[0]["A1"] = "Fill in the sheet Devices"
    sheet = book.create_sheet("Devices")
    for row in (
        ["Plant 7"],
        [],
        ["device", "host_id", "mac", "team"],
        ["edge-1", "43e210471948", "02:00:00:00:00:11", '=A4&"!"'],
        ["edge-2", "43e210471949", "02:zz", "=as text"],
    ):
        sheet.append(row)
    sheet["D5"].data_type = "s"
    sheet["A3"].font, sheet["A3"].fill = Font(bold=True), PatternFill("solid", fgColor="FF336699")
    sheet["B4"].number_format = "@"
    sheet["C5"].comment = Comment("ask Bob", "Bob")
    sheet["A1"].comment = Comment("of 2026", "Bob")
    sheet.column_dimensions["A"].width = 33
    sheet.column_dimensions["F"].hidden = True
    sheet.freeze_panes = "B4"
    sheet.merge_cells("A1:D1")
    rule = DataValidation(type="list", formula1='"me,you"')
    sheet.add_data_validation(rule)
    rule.add("D4:D20")
    book.create_sheet("Old").sheet_state = "hidden"
    return book


@pytest.fixture(scope="module")
def copy():
    return copy_of(saved(a_plant()))


@pytest.fixture(scope="module")
def devices(copy):
    return load_workbook(io.BytesIO(copy.content))["Devices"]


def test_sheets_widths_formats_and_formulas_stay(copy, devices):
    book = load_workbook(io.BytesIO(copy.content))

    assert copy.ending == ".xlsx"
    assert book.sheetnames == ["Read me", "Devices", "Old"]
    assert book["Old"].sheet_state == "hidden"
    assert devices.column_dimensions["A"].width == 33
    assert devices["A3"].font.bold
    assert devices["A3"].fill.fgColor.rgb == "FF336699"
    assert devices["B4"].number_format == "@"
    assert devices["D4"].value == '=A4&"!"'
    assert devices["D4"].data_type == "f"
    assert devices["D5"].data_type == "s"
    assert devices.freeze_panes == "B4"
    assert [str(each) for each in devices.merged_cells.ranges] == ["A1:D1"]
    [rule] = devices.data_validations.dataValidation
    assert str(rule.sqref) == "D4:D20"
    assert devices["A1"].comment.text == "of 2026"


def test_each_line_says_what_came_of_it_in_columns_that_are_seen(devices):
    header, fine, faulty = ([cell.value for cell in row[4:8]] for row in devices["A3:H5"])

    assert header == ADDED
    assert fine == ["ok", None, None, None]
    assert faulty[0] == "faulty"
    assert "02:zz" in faulty[1]
    assert not devices.column_dimensions["F"].hidden


def test_a_faulty_cell_is_colored_and_its_comment_says_the_remedy_beside_what_was_there(devices):
    cell = devices["C5"]

    assert cell.fill.fgColor.rgb == FAULT
    assert cell.comment.text.startswith("ask Bob\n")
    assert "six pairs" in cell.comment.text
    assert devices["C4"].comment is None


def test_the_copy_reads_as_what_was_sent(copy):
    assert cells_of(copy.content) == cells_of(saved(a_plant()))


def test_once_corrected_nothing_of_it_is_left(copy):
    book = load_workbook(io.BytesIO(copy.content))
    book["Devices"]["C5"] = "02:00:00:00:00:12"

    again = load_workbook(io.BytesIO(copy_of(saved(book)).content))["Devices"]

    assert [cell.value for cell in again[3]][4:] == ADDED
    assert [cell.value for cell in again[5]][4:] == ["ok", None, None, None]
    assert again["C5"].fill.fill_type is None
    assert again["C5"].comment.text == "ask Bob"


def test_formulas_are_still_read_as_they_were_last_calculated():
    calculated = io.BytesIO()
    with ZipFile(io.BytesIO(saved(a_plant()))) as parts, ZipFile(calculated, "w") as to:
        for name in parts.namelist():
            part = parts.read(name)
            to.writestr(name, part.replace(b"</f><v />", b"</f><v>12</v>"))

    copy = copy_of(calculated.getvalue())

    assert read(copy.content).tables[1].rows[2].cells[3] == "12"


def test_macros_do_not_come_along_and_that_is_said():
    content = io.BytesIO(saved(a_plant()))
    with ZipFile(content, "a") as parts:
        parts.writestr("xl/vbaProject.bin", b"macros")

    copy = copy_of(content.getvalue())

    assert "acros" in copy.note
    assert "xl/vbaProject.bin" not in ZipFile(io.BytesIO(copy.content)).namelist()


@pytest.mark.parametrize(
    "content",
    [
        ods({"Devices: a/b": [["Plant 7"], ["device", "mac"], ["edge-1", "02:zz"], ["=1+2", ""]]}),
        json.dumps(
            [{"device": "edge-1", "mac": "02:zz"}, {"device": "=1+2", "mac": None}], indent=1
        ).encode(),
    ],
)
def test_what_is_neither_xlsx_nor_csv_comes_back_as_a_workbook_and_that_is_said(content):
    copy = copy_of(content)

    sheet = load_workbook(io.BytesIO(copy.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet if row[0].value != "Plant 7"]
    assert copy.ending == ".xlsx"
    assert "XLSX" in copy.note
    assert rows[0] == ["device", "mac", *ADDED]
    assert [row[2] for row in rows[1:]] == ["faulty", "repair"]
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n"}
    assert [row for row in cells_of(copy.content)[0] if row != ["Plant 7"]] == [
        ["device", "mac"],
        ["edge-1", "02:zz"],
        ["=1+2"],
    ]


def test_a_workbook_that_openpyxl_cannot_read_comes_back_with_its_texts():
    content = io.BytesIO(xlsx({"Devices": [["device"], ["edge-1"]]}))
    with ZipFile(content) as parts:
        named = {name: parts.read(name) for name in parts.namelist()}
    rule = b"</sheetData><dataValidations><dataValidation type='odd' sqref='A1'/></dataValidations>"
    sheet = "xl/worksheets/sheet1.xml"
    named[sheet] = named[sheet].replace(b"</sheetData>", rule)
    broken = io.BytesIO()
    with ZipFile(broken, "w") as to:
        for name, part in named.items():
            to.writestr(name, part)

    copy = copy_of(broken.getvalue())

    assert copy.note
    assert cells_of(copy.content) == [[["device"], ["edge-1"]]]


def test_what_a_system_says_is_no_formula_and_has_no_sign_that_a_workbook_cannot_hold():
    place = Place(2, sheet="Devices")
    results = [LineResult(place, "in service", "=cmd()\0\x1b", "+1", "@id")]
    content = xlsx({"Devices": [["device"], ["edge-1"]]})

    sheet = load_workbook(io.BytesIO(marked(content, results).content))["Devices"]

    assert [cell.value for cell in sheet[2]][2:] == ["=cmd()  ", "+1", "@id"]
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert all(cell.quotePrefix for cell in sheet[2][2:])


def test_a_workbook_that_unfolds_to_very_much_comes_back_with_its_texts():
    content = io.BytesIO(saved(a_plant()))
    with ZipFile(content, "a", ZIP_DEFLATED) as parts:
        parts.writestr("xl/media/image1.bin", b"\0" * (MOST_UNPACKED + 1))

    copy = copy_of(content.getvalue())

    assert "formats" in copy.note
    assert cells_of(copy.content)[1][2][:2] == ["edge-1", "43e210471948"]


def test_a_sheet_without_devices_stays_and_two_with_devices_are_both_marked():
    lines = [["device", "mac"], ["edge-1", "02:zz"]]
    content = xlsx({"North": lines, "Notes": [["call Bob"]], "South": [[], *lines[:1], ["edge-2"]]})

    book = load_workbook(io.BytesIO(copy_of(content).content))

    assert book.sheetnames == ["North", "Notes", "South"]
    assert [[cell.value for cell in row] for row in book["Notes"]] == [["call Bob"]]
    assert [book["North"]["C2"].value, book["South"]["C3"].value] == ["faulty", "ok"]
