"""What `muster check` shows to a person: how the columns are read, what is wrong, what to do."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from command.checked_counts import next_step
from fleet.roster.draft import Draft
from fleet.roster.listed import Shared, equal_faults, equal_repairs
from fleet.roster.reading import Reading
from fleet.roster.repair import Repair
from fleet.text.fault import Fault

_ROWS = 100  # of each table that are shown; the others are counted
_ANY = 10_000  # columns of what is no terminal: a file or a pipe has no edge
_LONGEST = 72  # letters of a word that is never broken: the longest host id, and some more
Each = TypeVar("Each", Fault, Repair)


def show(file: str, reading: Reading, width: int | None = None) -> None:
    """Print all of it; the last line says what to do next. `width` is the terminal's."""
    console = Console(
        highlight=False,
        emoji=False,
        markup=False,
        width=width or (None if sys.stdout.isatty() else _ANY),
    )
    _print(console, _columns(reading))
    sheet = _only_sheet(reading.lines)
    notes = [f"All cells are of the sheet {sheet!r}."] if sheet else []
    for note in (*notes, *reading.notes):
        console.print(note, soft_wrap=True)
    lines = reading.lines
    _rows(console, equal_faults((each for line in lines for each in line.faults), sheet), _faults)
    proposed = (each for line in lines for each in line.proposed)
    _rows(console, equal_repairs(proposed, sheet), _proposed)
    used = (each for line in lines for each in line.repaired)
    _rows(console, equal_repairs(used, sheet), _used)
    said, is_fine = next_step(file, lines)
    console.print(Text(said, style="green" if is_fine else "yellow"), soft_wrap=True)


def _columns(reading: Reading) -> Table:
    ordered = sorted(reading.columns.columns, key=lambda each: not each.field)
    rows = (
        (
            each.title,
            each.field or (f"nothing; perhaps {each.proposed}" if each.proposed else "nothing"),
            each.sureness.value,
            each.reason,
        )
        for each in ordered
    )
    return _table(("column", "is read as", "how sure", "why"), rows)


def _rows(
    console: Console,
    found: Sequence[Shared[Each]],
    table: Callable[[Sequence[Shared[Each]]], Table],
) -> None:
    """The first hundred, and how many more there are."""
    if found:
        _print(console, table(found[:_ROWS]))
    if len(found) > _ROWS:
        console.print(f"… and {len(found) - _ROWS:,} more: see --marked or --json\n")


def _faults(found: Sequence[Shared[Fault]]) -> Table:
    rows = ((each.places, each.first.column, each.reason, each.first.remedy) for each in found)
    return _table(("where", "column", "what is wrong", "what to do"), rows)


def _proposed(found: Sequence[Shared[Repair]]) -> Table:
    return _repairs(found, "would use")


def _used(found: Sequence[Shared[Repair]]) -> Table:
    return _repairs(found, "used")


def _repairs(found: Sequence[Shared[Repair]], verb: str) -> Table:
    rows = (
        (
            each.places,
            each.first.column,
            each.first.read,
            each.first.use or "nothing",
            each.first.because,
            "yes" if each.first.is_safe else "a guess",
        )
        for each in found
    )
    return _table(("where", "column", "read", verb, "because", "safe"), rows)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table in which no word is broken: what is cut in two is no identity any more."""
    rows = [*rows]
    table = Table(box=SIMPLE_HEAD)
    for title, cells in zip(titles, zip(*rows, strict=True), strict=True):
        longest = max(len(word) for cell in (title, *cells) for word in cell.split() or [""])
        table.add_column(title, min_width=min(longest, _LONGEST))
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _print(console: Console, table: Table) -> None:
    """Print it; a terminal that is too narrow for its words wraps its lines, and loses nothing."""
    console.print(table, crop=False)


def _only_sheet(lines: Sequence[Draft]) -> str:
    """The sheet of all lines; "" where they are of several, or of a text."""
    sheets = {line.place.sheet for line in lines}
    return next(iter(sheets)) if len(sheets) == 1 else ""
