"""The marked copy of a text: its own lines, dialect and encoding, with our columns at the right."""

import csv
import io
from collections.abc import Sequence

from fleet.roster.table import Row
from sheets.delimited import Written, dialect, written
from sheets.encoding import encoding_of
from sheets.marked_table import MarkedTable
from sheets.ours import TITLES, added, neutral, restored


def marked_text(content: bytes, table: MarkedTable) -> bytes:
    """The copy of the text that was read as `table`."""
    encoding, _ = encoding_of(content)
    text = content.decode(encoding)
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    separator, start = dialect(lines)
    rows = [*written(lines, separator, start)]
    copy = _Copy(separator, "\r\n" if lines and lines[0].endswith("\r\n") else "\n", rows)
    said = {each.place.number: each.texts for each in table.results.values()}
    if table.header is not None:
        said[table.table.rows[table.header].place.number] = TITLES
    body = (copy.row(row, said.get(row.place.number)) for row in rows)
    whole = "".join([text[: text.startswith("\ufeff")], *lines[:start], *body])
    try:
        return whole.encode(encoding)
    except UnicodeEncodeError:  # our words have a sign that it lacks
        return whole.encode("utf-8-sig")


class _Copy:
    """How the rows of one text are written again."""

    def __init__(self, separator: str, end: str, rows: Sequence[Written]) -> None:
        self._separator, self._end = separator, end
        found = added([Row(row.place, row.cells or ()) for row in rows])
        self._is_marked = found is not None
        self._ours = set(found[1].values()) if found else set()
        self._from = rows[found[0]].place.number if found else 0
        self._width = max((len(row.cells or ()) for row in rows), default=0) - len(self._ours)

    def row(self, row: Written, said: Sequence[str] | None) -> str:
        """A row as it was written; where something is `said` of it, with that at its end."""
        cells = self._cells(row)
        if said is None and (row.cells is None or cells == [*row.cells]):
            return "".join(row.lines)
        if said is None:
            return self._written(cells)
        padding = [""] * (self._width - len(cells))
        ours = [neutral(" ".join(text.split())) for text in said]
        if row.cells is None or cells != [*row.cells]:
            return self._written([*cells, *padding, *ours])
        raw = "".join(row.lines).rstrip("\r\n")
        return self._separator.join([raw, self._written([*padding, *ours])])

    def _cells(self, row: Written) -> list[str]:
        """The cells of the sender, without ours, and none of them a formula."""
        if row.cells is None:  # quoted, so that it spoils no other row
            return ["".join(row.lines).rstrip("\r\n")]
        if not self._is_marked:
            return [*map(neutral, row.cells)]
        ours = self._ours if row.place.number >= self._from else ()
        return [neutral(restored(cell)) for at, cell in enumerate(row.cells) if at not in ours]

    def _written(self, cells: Sequence[str]) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._separator, lineterminator=self._end).writerow(cells)
        return text.getvalue()
