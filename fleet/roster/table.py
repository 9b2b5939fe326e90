"""Tables: what was sent as a roster, whatever its format; each cell as text, each row in place."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fleet.roster.export import Export
from fleet.text.place import Place


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank. One that could not be read has its `problem` and `remedy`.

    Of such a row, the first cell is its beginning, to recognize it by.
    """

    place: Place
    cells: tuple[str, ...]
    problem: str = ""
    remedy: str = ""

    @property
    def is_note(self) -> bool:
        """Whether it has one text of three words or more, and nothing else, as a footnote has."""
        texts = [cell.strip() for cell in self.cells if cell.strip()]
        return not self.problem and len(texts) == 1 and len(texts[0].split()) > 2


@dataclass(frozen=True)
class Table:
    """A text, or one sheet of a workbook; `name` is the sheet's, and "" for a text."""

    rows: tuple[Row, ...]
    name: str = ""


@dataclass(frozen=True)
class Sent:
    """All tables of what was sent; `notes` says in sentences what of it was not read, and how.

    `exports` are the known ones, by which its tables may be recognized.
    """

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    exports: tuple[Export, ...] = field(default=(), repr=False, compare=False)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)
