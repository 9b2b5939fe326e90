"""Workbooks: XLSX, XLSM, ODS and XLS. Only cells are read; macros, links and formulas never run.

A file of a few kilobytes may unfold to gigabytes. So its reader is a process of its own, which has
little memory and time; what happens to it harms no other run.
"""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fleet.roster.table import Row, Sent, Table, nothing_shown
from fleet.text.fault import UnusableRoster
from fleet.text.place import Place
from sheets import workbook_reader

SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # how one begins
_MOST_SHARED = 20_000
_LOG = logging.getLogger(__name__)
_TOO_LARGE = UnusableRoster(
    f"The workbook is too large: its sheets may have {workbook_reader.MOST_ROWS:,} rows "
    f"and {workbook_reader.MOST_FILLED:,} cells in all. "
    "Copy what is needed into a new workbook, or save it as CSV (UTF-8)."
)
_UNREADABLE = UnusableRoster(
    "The workbook cannot be read: it is damaged, or needs a password. Save it again as XLSX "
    "without a password, or as CSV (UTF-8)."
)
_UNKNOWN = (
    "How this workbook formats its numbers is not known, for it is no XLSX: zeros that it shows "
    "before them are not read."
)


def workbook(content: bytes) -> Sent:
    """Its visible sheets, in their order; UnusableRoster when it cannot be read."""
    try:
        done = subprocess.run(  # noqa: S603  a program of ours; what was sent is only its input
            [sys.executable, "-I", str(Path(workbook_reader.__file__))],
            input=content,
            capture_output=True,
            timeout=2 * workbook_reader.SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise _TOO_LARGE from None
    if refusal := refused(done.returncode, done.stderr):
        raise refusal
    return _sent(map(json.loads, io.BytesIO(done.stdout)))


def refused(code: int, said: bytes) -> UnusableRoster | None:
    """Why the workbook is refused if its reader ends so; None if it is not."""
    if code in {0, workbook_reader.UNREADABLE}:
        return _UNREADABLE if code else None
    if code < 0 or code == workbook_reader.TOO_LARGE:  # a signal: too little memory, or time
        return _TOO_LARGE
    _LOG.warning("The reader of workbooks ended with %d: %s", code, said.decode("utf-8", "replace"))
    return _UNREADABLE


def _sent(lines: Iterable[Any]) -> Sent:
    """The sheets, of which each line is one or one of its rows. Texts that are the same are one."""
    sheets: list[dict[str, Any]] = []
    rows: list[list[Row]] = []
    texts: dict[str, str] = {}
    for line in lines:
        if isinstance(line, dict):
            sheets.append(line)
            rows.append([])
        else:
            rows[-1].append(_row(line, sheets[-1]["name"], len(sheets) - 1, texts))
    hidden = (each["name"] for each in sheets if each["hidden"])
    notes = [f"The sheet {name!r} is hidden, and was not read." for name in hidden]
    notes += [_UNKNOWN] if any(each["has_numbers"] for each in sheets) else []
    shown = [
        Table(tuple(found), each["name"])
        for each, found in zip(sheets, rows, strict=True)
        if not each["hidden"]
    ]
    return Sent(tuple(shown), tuple(notes))


def _row(line: Sequence[Any], name: str, position: int, texts: dict[str, str]) -> Row:
    number, cells, *more = line
    shown, unsaved = more or ((), ())
    return Row(
        Place(number, sheet=name, position=position),
        tuple(_shared(cell, texts) for cell in cells),
        shown={int(index): shown[index] for index in shown} if shown else nothing_shown(),
        unsaved=frozenset(unsaved),
    )


def _shared(text: str, texts: dict[str, str]) -> str:
    """The same text as before, where it was among the first ones."""
    return texts.get(text, text) if len(texts) >= _MOST_SHARED else texts.setdefault(text, text)
