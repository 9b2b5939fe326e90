"""Known exports: tables that other products write, recognized by their set of columns."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fleet.roster.synonyms import compact


@dataclass(frozen=True)
class Export:
    """What a product calls its columns. `signs` are those by which its tables are recognized.

    `columns` say which field a column is, "" for none; `notes` say why, by column. All names
    are compact, as `compact` makes them.
    """

    product: str
    signs: frozenset[str]
    columns: Mapping[str, str]
    notes: Mapping[str, str]

    def is_of(self, names: Collection[str]) -> bool:
        """Whether a table with these columns is one of the product's."""
        return self.signs <= set(names)

    def says(self, header: str) -> str | None:
        """The field of a column, "" for none; None for a column of which it says nothing."""
        return self.columns.get(compact(header))

    def note(self, header: str) -> str:
        """What is to be known of a column, or ""."""
        return self.notes.get(compact(header), "")
