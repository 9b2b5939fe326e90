"""The example line of a template: where somebody left it in, it is no device."""

from dataclasses import replace

from fleet.roster.table import Row, Sent
from sheets.template_kinds import EXAMPLE


def without_example(sent: Sent) -> Sent:
    """What was sent without that line, and a note of it."""
    found = [row for table in sent for row in table.rows if _is_example(row)]
    if not found:
        return sent
    tables = (
        replace(table, rows=tuple(row for row in table.rows if not _is_example(row)))
        for table in sent
    )
    notes = [f"The example in {row.place} was not read." for row in found]
    return replace(sent, tables=tuple(tables), notes=(*sent.notes, *notes))


def _is_example(row: Row) -> bool:
    return EXAMPLE in row.cells
