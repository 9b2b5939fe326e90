"""The columns that a marked copy adds: how they are found again, so that they are not read.

In a text, cells that a spreadsheet program would take for a formula have an apostrophe before
them in a marked copy, and only there: `'=1+2`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from fleet.roster.header import FIRST_ROWS
from fleet.roster.table import Row, Sent, Table

TITLES = ("Muster: status", "Muster: reason", "Muster: proposes", "Muster: device id")
_NAMES = {title.casefold(): title for title in TITLES}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRAL = re.compile(r"'+[=+\-@\t\r]")


def neutral(cell: str) -> str:
    """The cell as a text that no spreadsheet program calculates."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """The cell as it was before `neutral`."""
    return cell[1:] if _NEUTRAL.match(cell) else cell


def added(rows: Sequence[Row]) -> tuple[int, dict[str, int]] | None:
    """The index of the row that has our titles, and the column of each; None for no such row."""
    for index, row in enumerate(rows[:FIRST_ROWS]):
        names = [cell.strip().casefold() for cell in row.cells]
        if found := {_NAMES[name]: at for at, name in enumerate(names) if name in _NAMES}:
            return index, found
    return None


def without_added(sent: Sent, is_text: bool) -> Sent:
    """What was sent, as it was before it was marked: our columns are empty."""
    return replace(sent, tables=tuple(_without_added(table, is_text) for table in sent))


def _without_added(table: Table, is_text: bool) -> Table:
    found = added(table.rows)
    if found is None:
        return table
    header, columns = found
    rows = (
        replace(row, cells=_cleared(row.cells, columns.values() if at >= header else (), is_text))
        for at, row in enumerate(table.rows)
    )
    return replace(table, rows=tuple(row for row in rows if row.cells or row.unsaved))


def _cleared(cells: Sequence[str], ours: Collection[int], is_text: bool) -> tuple[str, ...]:
    left = [
        "" if at in ours else restored(cell) if is_text else cell for at, cell in enumerate(cells)
    ]
    while left and not left[-1].strip():
        left.pop()
    return tuple(left)
