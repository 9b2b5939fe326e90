"""Workbooks, made for a test: of several sheets, and as ODS."""

import io
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape
from zipfile import ZipFile

from openpyxl import Workbook

Rows = Sequence[Sequence[object]]
DEVICES: Rows = [
    ["device", "host_id", "mac"],
    ["edge-1", "43e210471948", "02:00:00:00:00:01"],
    ["edge-2", "43e210471949", "02:00:00:00:00:02 02:00:00:00:00:03"],
]


def xlsx(sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    """A workbook with those sheets, of which some are hidden."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    return saved(book)


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def ods(sheets: Mapping[str, Rows]) -> bytes:
    """The same as an OpenDocument spreadsheet, all cells as texts."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = io.BytesIO()
    with ZipFile(content, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("META-INF/manifest.xml", "<manifest/>")
        file.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return content.getvalue()


def _cell(value: object) -> str:
    return (
        '<table:table-cell office:value-type="string"><text:p>'
        f"{escape(str(value))}</text:p></table:table-cell>"
    )
