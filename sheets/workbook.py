"""Workbooks: XLSX, XLSM, ODS and XLS. Only cells are read; macros, links and formulas never run.

A file of a few kilobytes may unfold to gigabytes. So its reader is a process of its own, which has
little memory and time; what happens to it harms no other run.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.roster.table import Row, Sent, Table, nothing_shown
from fleet.text.fault import UnusableRoster
from fleet.text.place import Place
from sheets import workbook_reader

SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # how one begins
_LOG = logging.getLogger(__name__)
_TOO_LARGE = UnusableRoster(
    f"The workbook is too large: its sheets may have {workbook_reader.MOST_ROWS:,} rows in all. "
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
    return _sent(json.loads(done.stdout))


def refused(code: int, said: bytes) -> UnusableRoster | None:
    """Why the workbook is refused if its reader ends so; None if it is not."""
    if code in {0, workbook_reader.UNREADABLE}:
        return _UNREADABLE if code else None
    if code < 0 or code == workbook_reader.TOO_LARGE:  # a signal: too little memory, or time
        return _TOO_LARGE
    _LOG.warning("The reader of workbooks ended with %d: %s", code, said.decode("utf-8", "replace"))
    return _UNREADABLE


def _sent(sheets: list[dict[str, Any]]) -> Sent:
    shown = [(position, each) for position, each in enumerate(sheets) if not each["hidden"]]
    return Sent(
        tuple(_table(position, each) for position, each in shown),
        (
            *(
                f"The sheet {each['name']!r} is hidden, and was not read."
                for each in sheets
                if each["hidden"]
            ),
            *([_UNKNOWN] if any(each["has_numbers"] for each in sheets) else []),
        ),
    )


def _table(position: int, sheet: dict[str, Any]) -> Table:
    name, shown, unsaved = sheet["name"], sheet["shown"], sheet["unsaved"]
    return Table(
        tuple(
            Row(
                Place(number, sheet=name, position=position),
                tuple(cells),
                shown=_by_index(shown.get(str(number))),
                unsaved=frozenset(unsaved.get(str(number), ())),
            )
            for number, cells in sheet["rows"]
        ),
        name,
    )


def _by_index(shown: dict[str, str] | None) -> Mapping[int, str]:
    return {int(index): text for index, text in shown.items()} if shown else nothing_shown()
