"""Reading a roster: all that was sent is checked before anything is done with it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from fleet.roster.choices import NO_CHOICES, Choices
from fleet.roster.compare import compare
from fleet.roster.draft import Draft
from fleet.roster.footer import without_footer
from fleet.roster.header import (
    COLUMNS,
    FIRST_ROWS,
    SITE,
    Header,
    find_header,
    normal_name,
    refuse_header,
)
from fleet.roster.listed import listed
from fleet.roster.map_columns import map_columns
from fleet.roster.mapping import Mapping, Sureness, joined
from fleet.roster.read_line import read_lines
from fleet.roster.repair import HOW
from fleet.roster.roster import Line, Roster
from fleet.roster.sites import named_sites, of_site
from fleet.roster.table import Row, Sent, Table
from fleet.text.fault import UnusableRoster

CONTENT = Sureness.CONTENT
MOST_LINES = 100_000  # below the headers
ROWS_NEEDED = FIRST_ROWS + MOST_LINES + 1  # of one table, to refuse it


@dataclass(frozen=True)
class Reading:
    """All that was read: every line, also those that cannot be used, in the order of the sheets.

    `columns` says of each what it is used as, and why.
    """

    lines: tuple[Draft, ...]
    columns: Mapping
    notes: tuple[str, ...] = ()

    @property
    def mapping(self) -> dict[str, str]:
        """The columns that are used, as they are called there, each with its field."""
        found: dict[str, str] = {}
        for each in self.columns.columns:
            if each.field:
                found.setdefault(each.title, each.field)
        return found

    @property
    def unused(self) -> tuple[str, ...]:
        """The other columns, as they are called there."""
        return tuple(dict.fromkeys(each.title for each in self.columns.unused))

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """The same in their normal spelling; a column without a name is none of them."""
        names = (normal_name(each.header) for each in self.columns.unused)
        return tuple(dict.fromkeys(filter(None, names)))


@dataclass(frozen=True)
class _Part:
    """What one table gives to the roster."""

    drafts: list[Draft]
    mapping: Mapping
    notes: list[str]
    other_sites: Counter[str]


def roster_of(
    sent: Sent,
    site: str,
    connection: str,
    connections: Collection[str] = (),
    choices: Choices = NO_CHOICES,
) -> Roster:
    """The roster of `site` in it, as `judged` says; UnusableRoster when no line is usable."""
    roster = judged(sent, site, connection, connections, choices)
    refuse_unusable(roster)
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
            Line(d.place, d.device(), d.connection or connection, d.label, d.serial, d.notes)
            for d in found.lines
            if d.is_usable
        ),
        faults=tuple(fault for d in found.lines for fault in d.faults),
        unknown_columns=found.unknown_columns,
        notes=found.notes,
        proposed=tuple(repair for d in found.lines for repair in d.proposed),
        repaired=tuple(repair for d in found.lines for repair in d.repaired),
        mapping=found.columns,
        chosen=choices.to_remember(each.header for each in found.columns.columns),
    )


def reading_of(
    sent: Sent, site: str = "", connections: Collection[str] = (), choices: Choices = NO_CHOICES
) -> Reading:
    """Every line of what was sent, with its faults and repairs; UnusableRoster for no line.

    Without a `site`, lines may name any.
    """
    headers = [find_header(table.rows, choices, sent.exports) for table in sent]
    if not any(headers):
        _refuse(sent)
    _refuse_too_many(sent, headers)
    parts = [
        _part(table, header, site, connections, choices)
        for table, header in zip(sent, headers, strict=True)
        if header
    ]
    _refuse_missing(choices, [each.header for part in parts for each in part.mapping.columns])
    drafts = [draft for part in parts for draft in part.drafts]
    if not drafts:
        _refuse_empty(site, parts)
    compare(drafts, are_of_one_site=bool(site))
    return Reading(
        tuple(drafts),
        joined(part.mapping for part in parts),
        (*sent.notes, *(note for p in parts for note in p.notes), *_not_read(sent, headers)),
    )


def is_roster(sent: Sent, choices: Choices = NO_CHOICES) -> bool:
    """Whether a column of a table of it names devices; what has none may be anything."""
    return any(find_header(table.rows, choices, sent.exports) for table in sent)


def refuse_unusable(roster: Roster) -> None:
    """Raise UnusableRoster, naming every fault, unless some line can be used."""
    if not roster.lines:
        how = f"\n{HOW}" if roster.proposed else ""
        raise UnusableRoster(f"No line of the roster can be used:\n{listed(roster)}{how}")


def refuse_faults(roster: Roster) -> None:
    """Raise UnusableRoster, naming what is wrong, unless all lines of the roster can be used."""
    if roster.faults or roster.proposed:
        what = "faults" if roster.faults else "lines that wait for a yes to a repair"
        how = f"\n{HOW}" if roster.proposed else ""
        raise UnusableRoster(
            f"Nothing was started because the roster has {what}:\n{listed(roster)}{how}"
        )


def _part(
    table: Table, header: Header, site: str, known: Collection[str], choices: Choices
) -> _Part:
    named = table.rows[header.index].cells
    below = [row for row in table.rows[header.index + 1 :] if row.cells != named]
    body, tail = without_footer(below, len(header.columns) > 1)
    mapping = map_columns(header, body, site, known, choices, table.name)
    columns = mapping.fields
    if "device" not in columns:
        refuse_header(named)
    own = of_site(body, columns.get(SITE, ()), site)
    width = len(header.written)
    drafts = read_lines(own.rows, columns, width, site, choices.accept_repairs)
    if any(own.others):
        _refuse_no_site(drafts)
    if any(each.field == "connection" and each.sureness is CONTENT for each in mapping.columns):
        _refuse_unknown(drafts, known)
    return _Part(drafts, mapping, [*filter(None, [own.note]), *_below(tail)], own.others)


def _below(tail: Sequence[Row]) -> list[str]:
    if len(tail) > 1:
        return [f"Below the table, {len(tail)} lines from {tail[0].place} on were not read."]
    return [f"Below the table, {each.place} was not read as a device." for each in tail]


def _refuse_no_site(drafts: Iterable[Draft]) -> None:
    """A fault for each line without a site, where other lines are of other sites."""
    for draft in drafts:
        if not draft.texts(SITE) and not draft.faults:
            draft.refuse_no_site()


def _refuse_missing(choices: Choices, headers: Sequence[str]) -> None:
    if missing := choices.missing(headers):
        columns = ", ".join(dict.fromkeys(header.strip() for header in headers if header.strip()))
        raise UnusableRoster(
            f"The roster has no column {missing[0]!r}, of which it was said what it is. Its "
            f"columns are: {columns}."
        )


def _refuse_empty(site: str, parts: Sequence[_Part]) -> NoReturn:
    others = sum((part.other_sites for part in parts), Counter[str]())
    if others:
        raise UnusableRoster(
            f"No line of the roster is of site {site!r}. It has the sites "
            f"{named_sites(others)}. Run it for one of them, or correct the column; if it does not "
            "say sites, map it to nothing, such as: Site ="
        )
    raise UnusableRoster(
        "The roster has a header but no devices. Add one line per device below it."
    )


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


def _refuse_unknown(drafts: Iterable[Draft], known: Collection[str]) -> None:
    for draft in drafts:
        if draft.connection and draft.connection not in known:
            draft.refuse_connection(sorted(known))
