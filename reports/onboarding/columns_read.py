"""How the columns of a roster were read: what each is used as, how sure that is, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fleet.roster.mapping import Column, Mapping
from fleet.roster.roster import Roster
from reports.page.wording import clean, legible, plain

_SHOWN = 30  # columns in one sentence


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """One column as a page shows it; `field` says what it might be where it is not used."""

    title: str
    field: str
    is_used: bool
    sureness: str
    reason: str


def of_columns(roster: Roster) -> dict[str, Any]:
    """What the part of a page on columns shows, by name."""
    mapping = roster.mapping
    return {
        "columns": columns_read(mapping),
        "is_plain": mapping.is_plain,
        "export": legible(mapping.export),
        "notes": [legible(note) for note in roster.notes],
    }


def columns_read(mapping: Mapping) -> list[ColumnRead]:
    """Every column: those that are used first."""
    return [
        ColumnRead(
            clean(each.title),
            _field(each),
            bool(each.field),
            each.sureness.value,
            clean(each.reason),
        )
        for each in sorted(mapping.columns, key=lambda each: not each.field)
    ]


def mapping_text(roster: Roster) -> str:
    """The same in Markdown: what is used and was not named as Muster names it, and what is not."""
    mapping = roster.mapping
    used = [each for each in mapping.columns if each.field and not each.is_exact]
    sentences = [f"Its columns are those of {plain(mapping.export)}."] if mapping.export else []
    if used:
        shown = (f"{plain(each.title)} → {each.field} ({each.sureness.value})" for each in used)
        sentences.append(f"Columns are read as: {_listed([*shown])}.")
    if mapping.unused:
        shown = (f"{plain(each.title)} ({plain(each.reason)})" for each in mapping.unused)
        sentences.append(f"**Columns that are not used:** {_listed([*shown])}.")
    return " ".join([*sentences, *map(plain, roster.notes)])


def _field(column: Column) -> str:
    if column.field:
        return column.field
    return f"nothing; perhaps {column.proposed}" if column.proposed else "nothing"


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f", and {more} more" if more > 0 else "")
