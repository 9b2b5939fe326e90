"""A program that writes the marked copy of a workbook: its input's first line says how, as JSON.

It runs alone (see sheets/marked_workbook.py) with little memory and time, and imports nothing of
ours. Macros do not come along, and links and formulas are copied as they are.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from copy import copy
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

UNREADABLE, TOO_LARGE = 3, 4  # how it exits
MEMORY = 1 << 30  # bytes
SECONDS = 120  # of the processor
MOST_UNPACKED = 64 << 20  # bytes of a workbook that is changed: each becomes several in memory
MOST_COMMENTS = 2000  # spreadsheets are slow with more; the cells are colored all the same
FAULT, REPAIR = "FFF4B6B6", "FFFFE699"  # the color of such a cell
_AUTHOR = "Muster"
_BREAK = "\n— Muster —\n"  # between somebody's comment and ours
_NOT_IN_NAMES = re.compile(r"[\\/*?:\[\]]")  # of sheets
_FORMULA = re.compile(
    r'<c r="(?P<place>[A-Z]+[0-9]+)"(?P<about>[^>]*)>(?P<formula><f\b[^>]*?(?:/>|>[^<]*</f>))'
    r"<v\s*(?:/>|></v>)</c>"
)
_WIDTHS = (18, 60, 28, 26)


def main() -> int:
    """Read, and write; the code to exit with."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        asked = json.loads(sys.stdin.buffer.readline())
        content = sys.stdin.buffer.read()
        book = _loaded(content) if content else _made(asked["sheets"])
        for sheet in asked["sheets"]:
            if sheet["header"]:
                _Sheet(book[sheet["name"]], sheet, asked["titles"]).write()
        saved = io.BytesIO()
        book.save(saved)
        written = _with_values(saved, book, content) if content else saved.getvalue()
    except (MemoryError, OverflowError):
        return TOO_LARGE
    except Exception:  # noqa: BLE001  openpyxl raises anything for a workbook that it cannot read
        return UNREADABLE
    sys.stdout.buffer.write(written)
    return 0


def _loaded(content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise OverflowError
    return load_workbook(io.BytesIO(content))


def _made(sheets: list[dict[str, Any]]) -> Any:
    """A new workbook with the texts of those sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        made = book.create_sheet(_NOT_IN_NAMES.sub(" ", sheet["name"])[:31])
        sheet["name"] = made.title
        for number, cells in sheet["cells"]:
            for at, text in enumerate(cells, 1):
                if text:
                    _set_text(made.cell(number, at), text)
    return book


def _set_text(cell: Any, text: str) -> None:
    """A text stays one, also if it begins as a formula does, and is edited."""
    cell.number_format = "@"
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", text)
    cell.data_type = "s"
    cell.quotePrefix = text.lstrip("'")[:1] in {*"=+-@\t\r"}


class _Sheet:
    """One sheet, and what is written beside its table."""

    def __init__(self, sheet: Any, asked: dict[str, Any], titles: list[str]) -> None:
        self._sheet, self._asked, self._titles = sheet, asked, titles
        self._columns = self._found()
        self._beside = max(min(self._columns) - 1, 1)
        self._comments = 0

    def write(self) -> None:
        """Our columns, and at the cells what is said of them, instead of what was said before."""
        self._clear()
        for column, title, width in zip(self._columns, self._titles, _WIDTHS, strict=True):
            self._show(column)
            self._sheet.column_dimensions[get_column_letter(column)].width = width
            head = self._sheet.cell(self._asked["header"], column)
            beside = self._sheet.cell(self._asked["header"], self._beside)
            for name in ("font", "fill", "border", "alignment"):
                setattr(head, name, copy(getattr(beside, name)))
            _set_text(head, title)
        for number, texts, cells in self._asked["results"]:
            self._write_line(number, texts, cells)

    def _found(self) -> list[int]:
        """The columns of our titles, where it is a marked copy already; else the first free."""
        header = self._sheet[self._asked["header"]]
        there = {str(cell.value or "").strip().casefold(): cell.column for cell in header}
        found = [there.get(title.casefold()) for title in self._titles]
        free = max([self._asked["width"], *(column for column in found if column)])
        return [column or (free := free + 1) for column in found]

    def _clear(self) -> None:
        for row in self._sheet.iter_rows(min_row=self._asked["header"]):
            for cell in row:
                comment = cell.comment
                if comment and comment.author == _AUTHOR:
                    theirs = comment.text.partition(_BREAK)[0] if _BREAK in comment.text else ""
                    cell.comment = Comment(theirs, "") if theirs else None
                    if cell.fill.fgColor.rgb in {FAULT, REPAIR}:
                        cell.fill = PatternFill()
        for column in self._columns:
            for number in range(self._asked["header"] + 1, self._sheet.max_row + 1):
                if self._sheet.cell(number, column).value is not None:
                    self._sheet.cell(number, column).value = None

    def _show(self, column: int) -> None:
        """Our column is visible, also at the right of all that is hidden."""
        for each in self._sheet.column_dimensions.values():
            if each.hidden and each.min and each.min <= column <= each.max:
                if each.min == column:
                    each.hidden = False
                else:
                    each.max = column - 1

    def _write_line(self, number: int, texts: list[str], cells: list[Any]) -> None:
        for column, text in zip(self._columns, texts, strict=True):
            if text:
                cell = self._sheet.cell(number, column)
                _set_text(cell, text)
                cell.alignment = Alignment(vertical="top", wrap_text=False)
        if cells:
            is_fault = not all(is_repair for _, _, is_repair in cells)
            self._sheet.cell(number, self._columns[0]).fill = _fill(not is_fault)
        for letters, text, is_repair in reversed(cells):
            self._remark(self._sheet[f"{letters}{number}"], text, is_repair)

    def _remark(self, cell: Any, text: str, is_repair: bool) -> None:
        if cell.__class__.__name__ == "MergedCell":  # the first of those merged has the value
            return
        cell.fill = _fill(is_repair)
        self._comments += 1
        if self._comments > MOST_COMMENTS:
            return
        before = cell.comment.text if cell.comment else ""
        ours = ILLEGAL_CHARACTERS_RE.sub(" ", text)
        whole = f"{before}\n{ours}" if _is_ours(cell) else f"{before}{_BREAK}{ours}"
        cell.comment = Comment(whole if before else ours, _AUTHOR, height=120, width=320)


def _is_ours(cell: Any) -> bool:
    return bool(cell.comment and cell.comment.author == _AUTHOR)


def _with_values(saved: io.BytesIO, book: Any, content: bytes) -> bytes:
    """The saved workbook, in which formulas have the values that were last calculated.

    openpyxl leaves them out, and who then reads the file without calculating it finds nothing.
    """
    values = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    numbers = {f"xl/worksheets/sheet{at}.xml": name for at, name in _numbered(book)}
    written = io.BytesIO()
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as to:
        for part in parts.infolist():
            found = parts.read(part)
            if part.filename in numbers and b"<f" in found:
                found = _valued(found.decode(), values[numbers[part.filename]]).encode()
            to.writestr(part, found)
    return written.getvalue()


def _numbered(book: Any) -> Iterator[tuple[int, str]]:
    """The sheets that hold cells, as openpyxl numbers their files."""
    return ((at, sheet.title) for at, sheet in enumerate(book.worksheets, 1))


def _valued(sheet: str, values: Any) -> str:
    known = {
        cell.coordinate: cell.value
        for row in values.iter_rows()
        for cell in row
        if cell.value is not None
    }
    return _FORMULA.sub(lambda found: _with_value(found, known.get(found["place"])), sheet)


def _with_value(found: re.Match[str], value: Any) -> str:
    if value is None:
        return found[0]
    if isinstance(value, bool):
        kind, text = "b", str(int(value))
    elif isinstance(value, int | float):
        kind, text = "n", repr(value)
    elif isinstance(value, str):
        kind, text = "e" if value in ERROR_CODES else "str", escape(value)
    else:  # a date
        kind, text = "n", repr(to_excel(value))  # type: ignore[no-untyped-call]
    about = re.sub(r' t="\w+"', "", found["about"])
    return f'<c r="{found["place"]}"{about} t="{kind}">{found["formula"]}<v>{text}</v></c>'


def _fill(is_repair: bool) -> Any:
    return PatternFill("solid", fgColor=REPAIR if is_repair else FAULT)


if __name__ == "__main__":
    sys.exit(main())
