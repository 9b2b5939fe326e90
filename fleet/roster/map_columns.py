"""Mapping a table's columns: by choice, export, name and content, in this order.

Nothing becomes a host id or a MAC by content unless that is unmistakable, and by a name only where
the name is not another machine's.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from fleet.roster.cells import is_site
from fleet.roster.choices import Choices
from fleet.roster.content import Cells, sampled
from fleet.roster.header import (
    FIELDS,
    SITE,
    SYSTEM,
    Header,
    mac_columns,
    name_rank,
    named_field,
)
from fleet.roster.mapping import Column, Mapping, Sureness
from fleet.roster.synonyms import ADAPTER, PLACES, USELESS, another_machine, compact
from fleet.roster.table import Row

_SINGLE = {*FIELDS} - {"mac", "notes"}
_SURE = {Sureness.OVERRIDDEN, Sureness.REMEMBERED}


@dataclass(frozen=True)
class _Table:
    """A table on its way to its mapping."""

    header: Header
    body: Sequence[Row]
    site: str
    connections: Collection[str]
    choices: Choices
    cells: Callable[[int], Cells]

    def distinct(self, index: int) -> set[str]:
        """Every text of a column in the whole table."""
        return {row.cells[index].strip() for row in self.body if index < len(row.cells)}

    def names_its_site(self, index: int) -> bool:
        """Whether a cell of a column names the site; where none is asked for, its name decides."""
        if not self.site:
            return compact(self.header.names[index]) not in PLACES
        return any(is_site(text, self.site) for text in self.distinct(index))

    def otherwise(self, index: int) -> str:
        """That a cell of a column spells the site otherwise, such as Plant 7 for plant-7."""
        texts = sorted(self.distinct(index)) if self.site else []
        found = [text for text in texts if text != self.site and is_site(text, self.site)]
        return f"; {found[0]!r} is {self.site}" if found else ""


def map_columns(
    header: Header,
    body: Sequence[Row],
    site: str,
    connections: Collection[str],
    choices: Choices,
    sheet: str = "",
) -> Mapping:
    """What each column of a table is used as; `connections` are the names that there are."""
    sample = sampled(body)
    table = _Table(
        header, body, site, connections, choices, cache(lambda index: Cells(sample, index))
    )
    columns = [each for index in range(len(header.written)) for each in _first(table, index, sheet)]
    for step in (_by_content, _one_each, _name, _system):
        columns = step(table, columns)
    shown = [each for each in columns if each.header.strip() or each.field or each.proposed]
    export = header.export.product if header.export else ""
    return Mapping(tuple(shown), export)


def _first(table: _Table, index: int, sheet: str) -> list[Column]:
    """A column by what was chosen for it, by what its product says, or by its name."""
    written = table.header.written[index]
    column = Column(written, index, "", Sureness.UNUSED, _useless(written), sheet=sheet)
    if (chosen := table.choices.chosen(written)) is not None and written.strip():
        return _chosen(column, chosen, remembered=table.choices.is_remembered(written))
    export = table.header.export
    if export and (said := export.says(written)) is not None:
        why = f"{export.product} calls it so"
        why += f"; {export.note(written)}" if export.note(written) else ""
        return [column.used(said, Sureness.EXPORT, why) if said else column.unused(why)]
    return [_by_name(table, column)]


def _chosen(column: Column, fields: tuple[str, ...], *, remembered: bool) -> list[Column]:
    sureness = Sureness.REMEMBERED if remembered else Sureness.OVERRIDDEN
    why = "chosen on an earlier run of this site" if remembered else "chosen for this run"
    if not fields:
        return [column.unused(f"{why} not to be read")]
    return [column.used(field, sureness, why) for field in fields]


def _by_name(table: _Table, column: Column) -> Column:
    """A column by its name; where that may mean something else, by what is in it as well."""
    name = table.header.names[column.index]
    field = named_field(name)
    if not field:
        return column
    if field == "mac" and (word := another_machine(column.header)):
        return column.unused(f"its name says {word!r}, which may be another machine", field)
    if field == name:
        is_exact = compact(column.header) == compact(field)
        sureness = Sureness.EXACT if is_exact else Sureness.SYNONYM
        why = "Muster calls it so" if is_exact else f"another spelling of {field}"
        return column.used(field, sureness, why)
    if field == "host_id" and not table.cells(column.index).may_be_host_ids:
        return column.unused("its name says host ids, and its cells do not look like any", field)
    if field == SITE and not table.names_its_site(column.index):
        none = f"none of its cells names {table.site}"
        return column.unused(none if table.site else "it may say halls as well as sites", field)
    otherwise = table.otherwise(column.index) if field == SITE else ""
    return column.used(field, Sureness.SYNONYM, f"another name of {field}{otherwise}")


def _by_content(table: _Table, columns: Iterable[Column]) -> list[Column]:
    """Columns of MACs, in whatever name; and what might be identities, which is not used."""
    columns = list(columns)
    macs = set(mac_columns(table.header, (*_above(table), *table.body)))
    has_macs = any(each.field == "mac" for each in columns)
    return [
        _identities(table, each, each.index in macs, has_macs=has_macs)
        if not each.field and not _is_decided(table, each)
        else each
        for each in columns
    ]


def _above(table: _Table) -> list[Row]:
    """As many rows as stand above the body, so that the header's index is right."""
    place = table.body[0].place if table.body else None
    return [Row(place, ())] * (table.header.index + 1) if place else []


def _is_decided(table: _Table, column: Column) -> bool:
    export = table.header.export
    return (table.choices.chosen(column.header) is not None and bool(column.header.strip())) or (
        export is not None and export.says(column.header) is not None
    )


def _identities(table: _Table, column: Column, is_mac: bool, *, has_macs: bool) -> Column:
    cells = table.cells(column.index)
    if is_mac:
        if has_macs and not ADAPTER.fullmatch(table.header.names[column.index]):
            why = "its cells are MACs, and another column says which are the device's"
            return column.unused(why, "mac")
        why = f"{cells.macs} of {len(cells.texts)} cells that were looked at are MAC addresses"
        return column.used("mac", Sureness.CONTENT, why)
    if cells.are_macs:
        return column.unused("its cells are MACs of other machines", "mac")
    if cells.are_bare:
        why = "its cells are 12 hex digits, which may be host ids or MACs: say which"
        return column.unused(why, "host_id")
    return column


def _one_each(table: _Table, columns: Iterable[Column]) -> list[Column]:
    """Where a column was chosen for a field that a device has once, no other is used as it."""
    columns = list(columns)
    chosen = {each.field: each for each in columns if each.sureness in _SURE}
    exported = {each.field: each for each in columns if each.sureness is Sureness.EXPORT}
    first = exported | chosen
    return [
        each.unused(f"{first[each.field].title!r} is used as {each.field}", each.field)
        if each.field in _SINGLE and each.field in first and _is_less(each, first[each.field])
        else each
        for each in columns
    ]


def _is_less(column: Column, than: Column) -> bool:
    return column.sureness not in {than.sureness, *_SURE}


def _name(table: _Table, columns: Iterable[Column]) -> list[Column]:
    """Where no column is `device`, the best of those whose name may say so."""
    columns = list(columns)
    found = [each for each in columns if _rank(table, each) is not None and not each.field]
    found = [each for each in found if not _is_decided(table, each)]
    found = [each for each in found if not _rank(table, each) or _may_name(table, each)]
    if not found:
        return columns
    named = next((each for each in columns if each.field == "device"), None)
    best = named or min(found, key=lambda each: _order(table, each))
    others = [each for each in found if each is not best]
    why = f"{best.title!r} names the devices"
    chosen = best if named else best.used("device", Sureness.SYNONYM, _reason(best, others))
    changed = {id(each): each.unused(why, "device") for each in others} | {id(best): chosen}
    return [changed.get(id(each), each) for each in columns]


def _may_name(table: _Table, column: Column) -> bool:
    """Whether a column that only may name devices holds what people call them: row 4 is no name."""
    return not table.cells(column.index).are_numbers


def _rank(table: _Table, column: Column) -> int | None:
    return name_rank(table.header.names[column.index])


def _order(table: _Table, column: Column) -> tuple[bool, int, int]:
    rank = _rank(table, column)
    usable = table.cells(column.index).may_be_names
    return not usable, rank if rank is not None else 9, column.index


def _reason(best: Column, others: Sequence[Column]) -> str:
    if not others:
        return "another name of device"
    return f"the best of those that may name devices; {_listed(others)} would be too"


def _listed(columns: Sequence[Column]) -> str:
    return ", ".join(repr(each.title) for each in columns[:5])


def _system(table: _Table, columns: Iterable[Column]) -> list[Column]:
    """A column `system` names connections if one of its cells does: many products have one."""
    columns = list(columns)
    if any(each.field == "connection" for each in columns):
        return columns
    return [
        each.used("connection", Sureness.CONTENT, "its cells name connections")
        if not each.field and _names_connections(table, each)
        else each
        for each in columns
    ]


def _names_connections(table: _Table, column: Column) -> bool:
    if table.header.names[column.index] != SYSTEM or _is_decided(table, column):
        return False
    return any(text.lower() in table.connections for text in table.distinct(column.index))


def _useless(header: str) -> str:
    return USELESS.get(compact(header), "no field of a roster")
