"""Tables: what was sent as a roster, whatever its format; each cell as text, each row in place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from fleet.roster.export import Export
from fleet.text.place import Place

_NOTHING: Mapping[int, str] = MappingProxyType({})


def nothing_shown() -> Mapping[int, str]:
    """What a spreadsheet shows otherwise of a line's cells: of most lines, nothing."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank. One that could not be read has its `problem` and `remedy`.

    Of such a row, the first cell is its beginning, to recognize it by. `shown` has what a
    spreadsheet shows for numbers whose format adds zeros or signs, by the cell's index; `unsaved`
    are the cells with a formula that no spreadsheet program has calculated.
    """

    place: Place
    cells: tuple[str, ...]
    problem: str = ""
    remedy: str = ""
    shown: Mapping[int, str] = field(default_factory=nothing_shown)
    unsaved: frozenset[int] = frozenset()

    @property
    def is_note(self) -> bool:
        """Whether it has one text of three words or more, and nothing else, as a footnote has."""
        texts = [cell.strip() for cell in self.cells if cell.strip()]
        return not (self.problem or self.unsaved) and len(texts) == 1 and len(texts[0].split()) > 2


@dataclass(frozen=True)
class Table:
    """A text, or one sheet of a workbook; `name` is the sheet's, and "" for a text."""

    rows: tuple[Row, ...]
    name: str = ""


@dataclass(frozen=True)
class Sent:
    """All tables of what was sent; `notes` says in sentences what of it was not read, and how.

    `exports` are the known ones, by which its tables may be recognized. `file` holds its bytes,
    where it came as a file that is to be given back.
    """

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    exports: tuple[Export, ...] = field(default=(), repr=False, compare=False)
    file: bytes = field(default=b"", repr=False, compare=False)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)
