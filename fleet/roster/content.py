"""What a column holds, by its cells: some hundred are looked at, however long the table is."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property

from fleet.device.identity import normal_mac
from fleet.roster.table import Row

SAMPLE = 300
NEARLY_ALL = 0.9
_SEPARATED = re.compile(
    r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}", re.I
)
_BETWEEN = re.compile(r"[\s,;|/]+")
_BARE = re.compile(r"[0-9a-f]{12}", re.IGNORECASE)
# Also as a spreadsheet damages them: what is wrong with each of them, its own cell says.
_HOST_ID = re.compile(
    r"[0-9a-f]{9,15}|[0-9a-f]{32}|[0-9a-f]{64}|(?:[0-9a-z]{4}:){11}[0-9a-z]{4}|"
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+[.,]?[0-9]*e[+-]?[0-9]{1,3}",
    re.IGNORECASE,
)


class Cells:
    """The cells of one column that are not empty, of rows that were taken over the whole table."""

    def __init__(self, rows: Sequence[Row], index: int) -> None:
        texts = (row.cells[index].strip() for row in rows if index < len(row.cells))
        self.rows = len(rows)
        self.texts = [text for text in texts if text]

    @cached_property
    def macs(self) -> int:
        """How many hold MACs that are written with separators, and nothing else."""
        return sum(map(_are_macs, self.texts))

    @property
    def are_macs(self) -> bool:
        """Whether nearly all do."""
        return self._nearly(self.macs)

    @property
    def are_bare(self) -> bool:
        """Whether nearly all are 12 hex digits without separators: MACs, or host ids."""
        return self._nearly(self._count(_BARE.fullmatch))

    @property
    def may_be_host_ids(self) -> bool:
        """Whether most look like host ids, be they damaged; an empty column holds none at all."""
        return self.are_macs or 2 * self._count(_HOST_ID.fullmatch) >= len(self.texts)

    @property
    def are_different(self) -> bool:
        """Whether nearly all are different."""
        return self._nearly(len({text.casefold() for text in self.texts}))

    @property
    def may_be_names(self) -> bool:
        """Whether most rows have one, nearly all different, and not numbers or MACs."""
        is_filled = 2 * len(self.texts) >= self.rows
        return is_filled and self.are_different and not (self.are_numbers or self.are_macs)

    @property
    def are_numbers(self) -> bool:
        """Whether nearly all are numbers or IP addresses, such as those of rows."""
        return self._nearly(self._count(lambda text: text.replace(".", "").isdecimal()))

    def _count(self, test: Callable[[str], object]) -> int:
        return sum(bool(test(text)) for text in self.texts)

    def _nearly(self, number: int) -> bool:
        return number > 0 and number >= NEARLY_ALL * len(self.texts)


def sampled(rows: Sequence[Row]) -> list[Row]:
    """Rows from the whole of a table, as many as are looked at."""
    step = max(1, len(rows) // SAMPLE)
    return [row for row in rows[::step][:SAMPLE] if not row.problem]


def _are_macs(text: str) -> bool:
    macs = _BETWEEN.split(text.strip(" ,;|/")) if len(text) < 1000 else [""]
    return all(map(_is_mac, macs))


def _is_mac(text: str) -> bool:
    if not _SEPARATED.fullmatch(text):
        return False
    try:
        return bool(normal_mac(text))
    except ValueError:
        return False
