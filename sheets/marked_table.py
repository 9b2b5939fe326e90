"""One table of what was sent, and what is to be written beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet.roster.table import Table
from sheets.results import LineResult


@dataclass(frozen=True)
class MarkedTable:
    """A table, its header and the results of its lines, both by the index of their row.

    `width` is the first free column at its right (from 0). A table of which no line was read, such
    as instructions, has neither header nor results.
    """

    table: Table
    header: int | None
    width: int
    results: Mapping[int, LineResult]


def with_results(table: Table, header: int | None, results: Sequence[LineResult]) -> MarkedTable:
    """The table whose header has that index, with those of the results that are of its lines."""
    places = {row.place.order: at for at, row in enumerate(table.rows)}
    ours = {places[each.place.order]: each for each in results if each.place.order in places}
    width = max((len(row.cells) for row in table.rows[header or 0 :]), default=0)
    return MarkedTable(table, header if ours else None, width, ours)
