"""The marked copy of a workbook: its sheets, order, widths, formats and formulas stay.

openpyxl holds all of a workbook in memory. So it is written by a process of its own, which has
little memory and time; what is too large for it comes back with its texts alone.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleet.roster.table import Table
from fleet.text.expected import ExpectedError
from sheets import workbook_writer
from sheets.marked_table import MarkedTable
from sheets.ours import TITLES

_ZIP, _MACROS = b"PK\x03\x04", b"xl/vbaProject.bin"
_PLAIN = (
    "The marked copy has the texts of the sheets that were read, and no formats: only those of "
    "XLSX and CSV can be kept, and only of a workbook that is not too large."
)
_WITHOUT_MACROS = "The macros of the workbook are not in its marked copy."


class NoMarkedCopy(ExpectedError):
    """No marked copy can be written; the message says why."""


def marked_workbook(content: bytes, tables: Sequence[MarkedTable]) -> tuple[bytes, str]:
    """The copy as XLSX, and in a sentence what it lacks; NoMarkedCopy when it cannot be written."""
    if content.startswith(_ZIP) and (copy := _written([_asked(each) for each in tables], content)):
        return copy, _WITHOUT_MACROS if _MACROS in content else ""
    named = [_asked(each) | {"cells": _cells(each.table)} for each in tables]
    if copy := _written([each | {"name": each["name"] or "Roster"} for each in named]):
        return copy, _PLAIN
    raise NoMarkedCopy("No marked copy is written: the roster is too large for one.")


def _written(sheets: list[dict[str, Any]], content: bytes = b"") -> bytes:
    """The workbook, changed or new; b"" when it cannot be written."""
    asked = json.dumps({"titles": TITLES, "sheets": sheets}).encode("ascii")
    try:
        done = subprocess.run(  # noqa: S603  a program of ours; what was sent is only its input
            [sys.executable, "-I", str(Path(workbook_writer.__file__))],
            input=asked + b"\n" + content,
            capture_output=True,
            timeout=2 * workbook_writer.SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        return b""
    return b"" if done.returncode else done.stdout


def _asked(each: MarkedTable) -> dict[str, Any]:
    return {
        "name": each.table.name,
        "header": 0 if each.header is None else _number(each.table, each.header),
        "width": each.width,
        "results": [
            (
                _number(each.table, at),
                result.texts,
                [(note.letters, note.text, note.is_repair) for note in result.cells],
            )
            for at, result in each.results.items()
        ],
    }


def _cells(table: Table) -> list[tuple[int, Sequence[str]]]:
    return [(_number(table, at), row.cells) for at, row in enumerate(table.rows)]


def _number(table: Table, at: int) -> int:
    """The number of a row in a workbook: of a sheet, its own; records stand one below the other."""
    return table.rows[at].place.number if table.name else at + 1
