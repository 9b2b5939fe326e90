"""Text with separators: CSV, or with tabs, semicolons or pipes. One bad row spoils no other."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from fleet.roster.header import FIRST_ROWS, recognized
from fleet.roster.reading import ROWS_NEEDED
from fleet.roster.table import Row
from fleet.text.place import Place

SEPARATORS = ",;\t|"
_STATED = re.compile(r'"?sep=(.)"?', re.IGNORECASE | re.DOTALL)
_LINES_OF_A_ROW = 100
_FIRST_LINES = 10_000  # by which the separator is found
_MOST_CELLS = 1000  # of a row, ten times as many as a roster may have columns
_SHOWN = 60  # characters of a row that could not be read


@dataclass(frozen=True, slots=True)
class Written:
    """A row as it is written, over one line or several; `cells` is None if it cannot be read."""

    place: Place
    lines: Sequence[str]
    cells: tuple[str, ...] | None


def delimited(text: str) -> list[Row]:
    """The rows that are not blank, each with its line, and its row where a spreadsheet opens it.

    As many as are needed to refuse a roster, and not all of millions.
    """
    lines = list(io.StringIO(text, newline=""))
    return list(islice(_read(written(lines, *dialect(lines))), ROWS_NEEDED))


def dialect(lines: Sequence[str]) -> tuple[str, int]:
    """The separator of these lines, and how many lines above the table state it: 0 or 1."""
    named = _STATED.fullmatch(lines[0].rstrip("\r\n")) if lines else None
    return (named[1], 1) if named else (_separator(lines), 0)


def _separator(lines: Sequence[str]) -> str:
    """The one by which most columns of a roster are found; else, that of the first line."""
    first = next((line for line in lines if line.strip()), "")
    lines = lines[:_FIRST_LINES]
    return max(SEPARATORS, key=lambda each: (_found(lines, each), first.count(each)))


def _found(lines: Sequence[str], separator: str) -> int:
    rows = islice(_read(written(lines, separator)), FIRST_ROWS)
    return max((recognized(row.cells) for row in rows), default=0)


def written(lines: Sequence[str], separator: str, start: int = 0) -> Iterator[Written]:
    """Every row from line `start` on, blank ones too."""
    row = 0
    while start < len(lines):
        row += 1
        cells, used = _row(lines, start, separator)
        yield Written(Place(start + 1, row), lines[start : start + used], cells)
        start += used


def _read(rows: Iterable[Written]) -> Iterator[Row]:
    for row in rows:
        if row.cells is None:
            yield Row(
                row.place,
                (row.lines[0].strip()[:_SHOWN],),
                "its quotation marks do not close, or something follows one that does",
                "Put quotation marks around whole cells only, and double those within",
            )
        elif "".join(row.cells).strip():
            yield Row(row.place, row.cells[:_MOST_CELLS])


def _row(lines: Sequence[str], start: int, separator: str) -> tuple[tuple[str, ...] | None, int]:
    """The cells of the row that begins there, None if it is none; and how many lines it has."""
    text = lines[start]
    if '"' not in text:
        return tuple(text.rstrip("\r\n").split(separator)), 1
    for used in range(1, _LINES_OF_A_ROW + 1):
        if lines[start + used - 1].count('"') or used == 1:
            cells = _parsed(text, separator)
            if cells is not None:
                return cells, used
            if _parsed(f'{text}"', separator) is None:  # not only its end is missing
                break
        if start + used >= len(lines):
            break
        text += lines[start + used]
    return None, 1


def _parsed(text: str, separator: str) -> tuple[str, ...] | None:
    """The cells of one whole row; None when it is more or less than one."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return tuple(rows[0]) if len(rows) == 1 else None
