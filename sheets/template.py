"""A template: an empty roster as a workbook, which keeps what is typed in as it is typed in."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from sheets.template_kinds import COLUMNS, EXAMPLE, TemplateColumn, TemplateKind

_LAST = 100_001  # the last line of a roster
_HEADER, _EXAMPLE = (
    PatternFill("solid", fgColor="FF1F4E78"),
    PatternFill("solid", fgColor="FFEDEDED"),
)
_MOST_LISTED = 255  # characters of a list in a cell's rule


def template(
    kind: TemplateKind, connections: Sequence[str] = (), profiles: Sequence[str] = ()
) -> bytes:
    """An XLSX with instructions, and a sheet for devices with an example line.

    Its cells are texts, so that no zero is lost, and offer those connections and zero-touch
    profiles.
    """
    book = Workbook()
    columns = COLUMNS[kind]
    _instruct(book.worksheets[0], columns)
    sheet = book.create_sheet("Devices")
    _head(sheet, columns)
    lists = {"connection": connections, "zero_touch": profiles}
    for at, column in enumerate(columns, 1):
        sheet.add_data_validation(_rule(column, kind, lists.get(column.field, ()), at))
    book.active = 1
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _instruct(sheet: Any, columns: Sequence[TemplateColumn]) -> None:
    """Each sentence is one cell, so that none of them is taken for a table."""
    sheet.title = "Read me"
    sheet.column_dimensions["A"].width = 110
    for number, text in enumerate(_sentences(columns), 1):
        sheet.cell(number, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(bold=True, size=14)


def _sentences(columns: Sequence[TemplateColumn]) -> Iterator[str]:
    yield "How to fill in this roster"
    yield "Go to the sheet Devices, and write one line for each device."
    yield f"The line {EXAMPLE} shows how. Delete it, or leave it: it is not read."
    yield "All cells are texts: zeros at the beginning stay. Paste values only, to keep it so."
    for column in columns:
        yield f"{column.field}: {column.about}."
    yield "Columns of your own may be added; they are not read. Then check it: muster check FILE"


def _head(sheet: Any, columns: Sequence[TemplateColumn]) -> None:
    for at, column in enumerate(columns, 1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"
        head, example = sheet.cell(1, at, column.field), sheet.cell(2, at, column.example or None)
        head.font, head.fill = Font(bold=True, color="FFFFFFFF"), _HEADER
        example.font, example.fill = Font(italic=True, color="FF7F7F7F"), _EXAMPLE
        head.number_format = example.number_format = "@"
    sheet.freeze_panes = "B2"


def _rule(
    column: TemplateColumn, kind: TemplateKind, listed: Sequence[str], at: int
) -> DataValidation:
    """What a cell of the column offers or warns of: it refuses nothing, for Muster judges it."""
    rule = DataValidation(**_limit(column, kind, listed), allow_blank=True, errorStyle="warning")
    rule.promptTitle, rule.prompt = column.field, column.about[:_MOST_LISTED]
    rule.errorTitle, rule.error = column.field, f"Expected is {column.about}."[:_MOST_LISTED]
    rule.showInputMessage = rule.showErrorMessage = True
    letter = get_column_letter(at)
    rule.add(f"{letter}2:{letter}{_LAST}")
    return rule


def _limit(column: TemplateColumn, kind: TemplateKind, listed: Sequence[str]) -> dict[str, Any]:
    joined = ",".join(listed)
    if listed and len(joined) < _MOST_LISTED and not any("," in each for each in listed):
        return {"type": "list", "formula1": f'"{joined}"'}
    if column.field == "device":
        return {"type": "textLength", "operator": "between", "formula1": "1", "formula2": "63"}
    if column.field == "host_id" and kind is TemplateKind.LEM:
        return {"type": "textLength", "operator": "equal", "formula1": "12"}
    if column.field == "mac":
        return {"type": "textLength", "operator": "greaterThanOrEqual", "formula1": "12"}
    return {"type": None}
