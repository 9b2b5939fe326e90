"""A mapping: what each column of a roster is used as, how sure that is, and why."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property


class Sureness(StrEnum):
    """How sure it is what a column is used as: the surest first."""

    OVERRIDDEN = "overridden"
    REMEMBERED = "remembered"
    EXACT = "exact"
    EXPORT = "known export"
    SYNONYM = "synonym"
    CONTENT = "by content"
    UNUSED = "not used"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header as written, the field it is used as ("" for none), and why.

    `index` counts from 0. `proposed` is the field it might be, where that is not sure enough.
    """

    header: str
    index: int
    field: str
    sureness: Sureness
    reason: str
    proposed: str = ""
    sheet: str = ""

    @property
    def title(self) -> str:
        """What a person calls the column: its header, or its place where it has none."""
        return self.header.strip() or f"column {self.index + 1}, without a name"

    @property
    def is_exact(self) -> bool:
        """Whether it is named as Muster names it."""
        return self.sureness is Sureness.EXACT

    def unused(self, reason: str, proposed: str = "") -> "Column":
        """The same column, used as nothing."""
        return replace(self, field="", sureness=Sureness.UNUSED, reason=reason, proposed=proposed)

    def used(self, field: str, sureness: Sureness, reason: str) -> "Column":
        """The same column, used as a field."""
        return replace(self, field=field, sureness=sureness, reason=reason, proposed="")


@dataclass(frozen=True)
class Mapping:
    """All columns of the tables that were read; `export` names the product that wrote them.

    A column without a name that holds nothing is none.
    """

    columns: tuple[Column, ...] = ()
    export: str = ""
    notes: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> dict[str, tuple[int, ...]]:
        """The columns of each field, of one table: several may hold MACs."""
        found: dict[str, list[int]] = defaultdict(list)
        for column in self.columns:
            if column.field:
                found[column.field].append(column.index)
        return {field: tuple(indexes) for field, indexes in found.items()}

    @property
    def unused(self) -> tuple[Column, ...]:
        """The columns that nothing reads."""
        return tuple(column for column in self.columns if not column.field)

    @property
    def is_guessed(self) -> bool:
        """Whether what identifies devices was found by the content of a column alone."""
        guessed = (each for each in self.columns if each.sureness is Sureness.CONTENT)
        return any(each.field in {"host_id", "mac"} for each in guessed)

    @property
    def is_plain(self) -> bool:
        """Whether every column is named as Muster names it."""
        return all(column.is_exact for column in self.columns)


def joined(mappings: Iterable[Mapping]) -> Mapping:
    """The mapping of several tables; a column that is the same in several counts once."""
    found: dict[tuple[str, str, str], Column] = {}
    each = tuple(mappings)
    for mapping in each:
        for column in mapping.columns:
            found.setdefault((column.header.strip(), column.field, column.reason), column)
    exports = dict.fromkeys(mapping.export for mapping in each if mapping.export)
    notes = dict.fromkeys(note for mapping in each for note in mapping.notes)
    return Mapping(tuple(found.values()), ", ".join(exports), tuple(notes))
