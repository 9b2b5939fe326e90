"""Reading a roster: all that was sent is checked before anything is done with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from fleet.roster.choices import NO_CHOICES, Choices
from fleet.roster.draft import Draft
from fleet.roster.header import COLUMNS, FIRST_ROWS, SYSTEM, Header, find_header, refuse_header
from fleet.roster.roster import Line, Roster
from fleet.roster.table import Row, Sent, Table
from fleet.text.fault import UnusableRoster

MOST_LINES = 100_000  # below the headers
ROWS_NEEDED = FIRST_ROWS + MOST_LINES + 1  # of one table, to refuse it


@dataclass(frozen=True)
class Reading:
    """All that was read: every line, also those that cannot be used, in the order of the sheets.

    `mapping` has the columns that are used, as they are called there, each with its field, and
    `unused` the others.
    """

    lines: tuple[Draft, ...]
    mapping: dict[str, str]
    unused: tuple[str, ...]
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Part:
    """What one table gives to the roster."""

    drafts: list[Draft]
    mapping: dict[str, str]
    unused: list[str]
    unknown_columns: list[str]
    notes: list[str]


def roster_of(
    sent: Sent,
    site: str,
    connection: str,
    connections: Collection[str] = (),
    choices: Choices = NO_CHOICES,
) -> Roster:
    """The roster of `site` in it, as `judged` says; UnusableRoster when no line is usable."""
    roster = judged(sent, site, connection, connections, choices)
    if not roster.lines:
        raise UnusableRoster(f"No line of the roster can be used:\n{_listed(roster)}")
    return roster


def judged(
    sent: Sent,
    site: str,
    connection: str,
    connections: Collection[str] = (),
    choices: Choices = NO_CHOICES,
) -> Roster:
    """The roster of `site` in what was sent: of each table below its header, whatever its order.

    A line that names no connection belongs to `connection`. A column `system` names connections
    if it has one of `connections`, those that there are; else it is not used.
    Every line ends up among the lines, among the faults, or waits for a yes to a repair, unless
    `choices` says it. Raises UnusableRoster when it cannot be read as a roster as a whole.
    """
    found = reading_of(sent, site, {connection, *connections}, choices)
    return Roster(
        site=site,
        lines=tuple(
            Line(d.place, d.device(), d.connection or connection)
            for d in found.lines
            if d.is_usable
        ),
        faults=tuple(fault for d in found.lines for fault in d.faults),
        unknown_columns=found.unknown_columns,
        notes=found.notes,
        proposed=tuple(repair for d in found.lines for repair in d.proposed),
        repaired=tuple(repair for d in found.lines for repair in d.repaired),
    )


def reading_of(
    sent: Sent, site: str = "", connections: Collection[str] = (), choices: Choices = NO_CHOICES
) -> Reading:
    """Every line of what was sent, with its faults and repairs; UnusableRoster for no line.

    Without a `site`, lines may name any.
    """
    headers = [find_header(table.rows) for table in sent]
    if not any(headers):
        _refuse(sent)
    _refuse_too_many(sent, headers)
    parts = [
        _part(table, header, site, connections, choices)
        for table, header in zip(sent, headers, strict=True)
        if header
    ]
    drafts = [draft for part in parts for draft in part.drafts]
    if not drafts:
        raise UnusableRoster(
            "The roster has a header but no devices. Add one line per device below it."
        )
    _refuse_twins(drafts)
    return Reading(
        tuple(drafts),
        {name: field for part in reversed(parts) for name, field in part.mapping.items()},
        tuple(dict.fromkeys(name for part in parts for name in part.unused)),
        tuple(dict.fromkeys(name for part in parts for name in part.unknown_columns)),
        (*sent.notes, *(note for p in parts for note in p.notes), *_not_read(sent, headers)),
    )


def is_roster(sent: Sent) -> bool:
    """Whether a table of it has a column `device`; what has not may be anything."""
    return any(find_header(table.rows) for table in sent)


def refuse_faults(roster: Roster) -> None:
    """Raise UnusableRoster, naming every fault, unless the roster has none."""
    if roster.faults:
        raise UnusableRoster(
            f"Nothing was started because the roster has faults:\n{_listed(roster)}"
        )


def _part(
    table: Table, header: Header, site: str, known: Collection[str], choices: Choices
) -> _Part:
    named = table.rows[header.index].cells
    below = [row for row in table.rows[header.index + 1 :] if row.cells != named]
    body, tail = _without_tail(below, header)
    columns = header.used(_names_connections(header, body, known))
    drafts = [Draft(row.place, row.cells, columns, choices.accept_repairs) for row in body]
    for draft, row in zip(drafts, body, strict=True):
        if row.problem:
            draft.refuse(row.problem, row.remedy)
        else:
            draft.read(len(header.names), site)
    if columns.get("connection") == header.columns.get(SYSTEM):
        _refuse_unknown(drafts, known)
    used = {index: field for field, each in columns.items() for index in each}
    cells = [*enumerate(cell.strip() for cell in named)]
    unknown = [name for index, name in enumerate(header.names) if name and index not in used]
    notes = [f"Below the table, {tail[0].place} was not read as a device."] if tail else []
    if len(tail) > 1:
        notes = [f"Below the table, {len(tail)} lines from {tail[0].place} on were not read."]
    return _Part(
        drafts,
        {cell: used[index] for index, cell in cells if index in used},
        [cell for index, cell in cells if cell and index not in used],
        unknown,
        notes,
    )


def _without_tail(body: Sequence[Row], header: Header) -> tuple[list[Row], list[Row]]:
    """The rows of devices, and the footnotes below them, such as who exported the table."""
    end = len(body)
    while len(header.columns) > 1 and end and body[end - 1].is_note:
        end -= 1
    return list(body[:end]), list(body[end:])


def _not_read(sent: Sent, headers: Sequence[Header | None]) -> list[str]:
    """Sheets without a header, such as instructions."""
    return [
        f"The sheet {table.name!r} was not read: no row of it names a column 'device'."
        for table, header in zip(sent, headers, strict=True)
        if table.rows and not header
    ]


def _refuse(sent: Sent) -> NoReturn:
    """Raise UnusableRoster for what has no header."""
    first = next((row for table in sent for row in table.rows), None)
    if first is None:
        raise UnusableRoster(
            "The roster is empty. Its first line must name the columns, such as: "
            + ",".join(COLUMNS)
        )
    refuse_header(first.cells)


def _refuse_too_many(sent: Sent, headers: Sequence[Header | None]) -> None:
    tables = zip(sent, headers, strict=True)
    if sum(len(table.rows) - each.index - 1 for table, each in tables if each) > MOST_LINES:
        raise UnusableRoster(
            f"The roster has more than {MOST_LINES:,} lines. Make it one roster per site."
        )


def _names_connections(header: Header, body: Iterable[Row], known: Collection[str]) -> bool:
    """Whether the column `system` is ours: many products have one for something else."""
    columns = header.columns.get(SYSTEM, ())
    cells = (row.cells[i] for row in body for i in columns if i < len(row.cells))
    return any(cell.strip().lower() in known for cell in cells)


def _refuse_unknown(drafts: Iterable[Draft], known: Collection[str]) -> None:
    for draft in drafts:
        if draft.connection and draft.connection not in known:
            draft.refuse_connection(sorted(known))


def _listed(roster: Roster) -> str:
    """The faults as a list; only the first of very many."""
    shown = [f"- {fault}" for fault in roster.faults[:50]]
    more = len(roster.faults) - len(shown)
    return "\n".join([*shown, f"- and {more} more"] if more else shown)


def _refuse_twins(drafts: Iterable[Draft]) -> None:
    """A fault for every line that shares a name, host id or MAC with another: none is trusted."""
    seen: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        keys = [("device", draft.name), *(("mac", mac) for mac in draft.macs)]
        if draft.host_id:
            keys.append(("host_id", draft.host_id.lower()))
        for key in keys:
            seen[key].append(draft)
    for (column, value), sharing in seen.items():
        for draft in sharing if value and len(sharing) > 1 else ():
            draft.clash(column, value, sharing)
