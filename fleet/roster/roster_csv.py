"""Reading a roster from CSV text: the whole text is checked before anything is done with it."""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from fleet.roster.draft import Draft
from fleet.roster.header import COLUMNS, SYSTEM, Header, normal_name, read_header
from fleet.roster.roster import Line, Roster
from fleet.text.fault import UnusableRoster
from fleet.text.place import Place

MOST_LINES = 100_000


def read_roster(text: str, site: str, connection: str, connections: Collection[str] = ()) -> Roster:
    """The roster of `site` in `text`: CSV, tab- or semicolon-separated, header in any order.

    A line that names no connection belongs to `connection`. A column `system` names connections
    if it has one of `connections`, those that there are; else it is not used.
    Every line ends up either among the lines or among the faults. Raises UnusableRoster when
    the file as a whole cannot be read as a roster, or holds no usable line.
    """
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        raise _empty()
    header, body = read_header(first[1]), list(islice(rows, MOST_LINES + 1))
    if len(body) > MOST_LINES:
        raise UnusableRoster(
            f"The roster has more than {MOST_LINES:,} lines. Make it one roster per site."
        )
    if not body:
        raise UnusableRoster(
            "The roster has a header but no devices. Add one line per device below it."
        )
    known = {connection, *connections}
    columns = header.used(_names_connections(header, body, known))
    drafts = [Draft(place, cells, columns) for place, cells in body]
    for draft in drafts:
        draft.read(len(header.names), site)
    if columns.get("connection") == header.columns.get(SYSTEM):
        _refuse_unknown(drafts, known)
    _refuse_twins(drafts)
    used = {index for each in columns.values() for index in each}
    roster = Roster(
        site=site,
        lines=tuple(
            Line(d.place, d.device(), d.connection or connection) for d in drafts if not d.faults
        ),
        faults=tuple(fault for d in drafts for fault in d.faults),
        unknown_columns=tuple(
            name for index, name in enumerate(header.names) if name and index not in used
        ),
    )
    if not roster.lines:
        raise UnusableRoster(f"No line of the roster can be used:\n{_listed(roster)}")
    return roster


def _names_connections(
    header: Header, body: Iterable[tuple[Place, list[str]]], known: Collection[str]
) -> bool:
    """Whether the column `system` is ours: many products have one for something else."""
    cells = (
        cells[i] for _, cells in body for i in header.columns.get(SYSTEM, ()) if i < len(cells)
    )
    return any(cell.strip().lower() in known for cell in cells)


def _refuse_unknown(drafts: Iterable[Draft], known: Collection[str]) -> None:
    for draft in drafts:
        if draft.connection and draft.connection not in known:
            draft.refuse_connection(sorted(known))


def is_roster(text: str) -> bool:
    """Whether its first line names a column `device`; text that does not may be anything."""
    try:
        return any("device" in map(normal_name, cells) for _, cells in islice(_rows(text), 1))
    except UnusableRoster:
        return False


def refuse_faults(roster: Roster) -> None:
    """Raise UnusableRoster, naming every fault, unless the roster has none."""
    if roster.faults:
        raise UnusableRoster(
            f"Nothing was started because the roster has faults:\n{_listed(roster)}"
        )


def _listed(roster: Roster) -> str:
    """The faults as a list; only the first of very many."""
    shown = [f"- {fault}" for fault in roster.faults[:50]]
    more = len(roster.faults) - len(shown)
    return "\n".join([*shown, f"- and {more} more"] if more else shown)


def _rows(text: str) -> Iterator[tuple[Place, list[str]]]:
    """Place and cells of every line that is not blank."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _empty()
    first_line = next(line for line in text.splitlines() if line.strip())
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for row, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield Place(number, row), cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise UnusableRoster(
            f"Line {reader.line_num} of the roster is not CSV: {error}. "
            "Check its quotation marks, or save it again as CSV (UTF-8)."
        ) from error


def _empty() -> UnusableRoster:
    return UnusableRoster(
        "The roster is empty. Its first line must name the columns, such as: " + ",".join(COLUMNS)
    )


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
