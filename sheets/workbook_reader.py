"""A program that reads the workbook on its input, and writes its sheets to its output.

Each line is JSON: {"name": …} begins a sheet, [14, ["edge-042", …]] is a row of it, with what is
shown for its cells and those that nobody calculated, if any.

It runs alone (see sheets/workbook.py) with little memory and time, and imports nothing of ours but
what is beside it.
"""

import datetime as dt
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # which is isolated, and so does not find what is beside it
    sys.path.append(str(Path(__file__).parents[1]))

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from sheets.workbook_formats import NotXml, SheetFormats, formats_of

UNREADABLE, TOO_LARGE = 3, 4  # how it exits
MEMORY = 1 << 30  # bytes
SECONDS = 60  # of the processor
MOST_UNPACKED = 256 << 20  # bytes
MOST_WRITTEN = 32 << 20  # bytes
MOST_FILLED = 2_000_000  # cells in all, of which who reads them makes a hundred bytes each
MOST_ROWS = 110_000  # that are not blank, in all sheets: a roster's, and what stands around them
MOST_CELLS = 101  # of a row: one more than a roster has columns
WHOLE_ROWS = 50  # the first, one of which is the header: it may have columns without a name
_json = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
_EXACT = 10**15  # from here on a spreadsheet has rounded


def main() -> int:
    """Read, and write; the code to exit with."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        content = sys.stdin.buffer.read()
        if _unpacked(content) > MOST_UNPACKED:
            return TOO_LARGE
        written = "\n".join(map(_json, _sheets(content))).encode("ascii")
    except (CalamineError, zipfile.BadZipFile, NotXml):
        return UNREADABLE
    except (MemoryError, OverflowError):
        return TOO_LARGE
    if len(written) > MOST_WRITTEN:
        return TOO_LARGE
    sys.stdout.buffer.write(written)
    return 0


def _unpacked(content: bytes) -> int:
    """How many bytes a ZIP says that it holds; one that lies meets the limit of memory."""
    if not content.startswith(b"PK"):
        return len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return sum(part.file_size for part in parts.infolist())


def _sheets(content: bytes) -> Iterator[Any]:
    """Each sheet, and then its rows."""
    rows = filled = 0
    formats = formats_of(content) if content.startswith(b"PK") else {}
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for about in book.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            hidden = about.visible is not SheetVisibleEnum.Visible
            known = formats.get(about.name, SheetFormats())
            sheet = None if hidden else book.get_sheet_by_name(about.name)
            has_numbers = bool(sheet and not formats and _numbers(sheet))
            yield {"name": about.name, "hidden": hidden, "has_numbers": has_numbers}
            for number, cells in _rows(sheet, known) if sheet else ():
                rows, filled = rows + 1, filled + sum(map(bool, cells))
                if rows > MOST_ROWS or filled > MOST_FILLED:
                    raise OverflowError
                more = known.shown.get(number, {}), known.unsaved.get(number, [])
                yield (number, cells, *more) if any(more) else (number, cells)


def _numbers(sheet: Any) -> bool:
    """Whether a cell of the sheet is a number; asked where its format is not known."""
    return any(isinstance(value, float) for row in sheet.iter_rows() for value in row)


def _rows(sheet: Any, known: SheetFormats) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells, from column A on, of each row that is not blank.

    Empty cells at its end are left out, and all that are beyond MOST_CELLS. A row of which only
    errors or formulas are `known` is not blank.
    """
    count = number = 0
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [_text(value) for value in values]
        if number in known.unsaved or number in known.errors or any(c.strip() for c in cells):
            count += 1
            cells = _with(known.errors.get(number, {}), (left + cells)[:MOST_CELLS])
            yield number, cells if count <= WHOLE_ROWS else _without_end(cells)
    for below in sorted(known.unsaved.keys() | known.errors.keys()):
        if below > number:
            yield below, _with(known.errors.get(below, {}), [])


def _with(errors: dict[int, str], cells: list[str]) -> list[str]:
    """The cells with their errors, which read as empty elsewhere."""
    for column, error in errors.items():
        if column < MOST_CELLS:
            cells += [""] * (column + 1 - len(cells))
            cells[column] = error
    return cells


def _without_end(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _text(value: Any) -> str:
    """A cell as it would be typed in; a number of which digits were lost as 1.12233E+15."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return value if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.exit(main())
