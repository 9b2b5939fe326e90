"""A roster is read, checked, and marked, as `muster check --marked` does."""

from collections.abc import Sequence

from fleet.roster.choices import NO_CHOICES, Choices
from fleet.roster.reading import reading_of
from sheets.marked import MarkedCopy, marked
from sheets.read import read
from sheets.results import of_check


def copy_of(content: bytes, choices: Choices = NO_CHOICES) -> MarkedCopy:
    reading = reading_of(read(content), choices=choices)
    return marked(content, [*map(of_check, reading.lines)], choices)


def cells_of(content: bytes) -> list[list[list[str]]]:
    """The cells of each table, as they are read, without empty ones at the end of a row."""
    return [[_without_end(row.cells) for row in table.rows] for table in read(content)]


def _without_end(cells: Sequence[str]) -> list[str]:
    end = max((at for at, cell in enumerate(cells, 1) if cell), default=0)
    return [*cells[:end]]
