"""Reading a roster from CSV text: the whole text is checked before anything is done with it."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from fleet.device.device import NAME_PATTERN, Device
from fleet.device.identity import normal_mac, printed_host_id
from fleet.roster.roster import Line, Roster
from fleet.text.fault import Fault, UnusableRoster

COLUMNS = ("device", "host_id", "mac", "zero_touch", "connection")
# Other spellings of a column; were one overlooked, its devices would have no identity.
SPELLINGS = {
    "hostid": "host_id",
    "macs": "mac",
    "mac_address": "mac",
    "mac_addresses": "mac",
    "zerotouch": "zero_touch",
    "system": "connection",
}
REMEDIES = {
    "device": "Use letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit",
    "host_id": "Give the host id printed on the box, or leave the cell empty",
    "zero_touch": "Give the profile's name as its system shows it, or leave the cell empty",
    "connection": "Give the name of a connection, in lower-case letters, digits and dashes, or "
    "leave the cell empty for the connection of the run",
    "mac": "Write six pairs of hex digits, such as 00:1a:2b:3c:4d:5e; separate several by spaces",
}
CONNECTION_PATTERN = r"^[a-z0-9]+(-+[a-z0-9]+)*$"
_COLUMN = re.compile(r"[\w .-]{1,40}")
_MAC_LIST = re.compile(r"[\s,;|/]+")
MOST_LINES, MOST_COLUMNS = 100_000, 100
_NAMED_LINES = 10  # of those that have the same value
T = TypeVar("T")


def read_roster(text: str, site: str, connection: str) -> Roster:
    """The roster of `site` in `text`: CSV, tab- or semicolon-separated, header in any order.

    A line that names no connection belongs to `connection`.
    Every line ends up either among the lines or among the faults. Raises UnusableRoster when
    the file as a whole cannot be read as a roster, or holds no usable line.
    """
    rows = _rows(text)
    header = _header(rows)
    read = list(islice(rows, MOST_LINES + 1))
    if len(read) > MOST_LINES:
        raise UnusableRoster(
            f"The roster has more than {MOST_LINES:,} lines. Make it one roster per site."
        )
    drafts = [_Draft.of(number, header, cells) for number, cells in read]
    if not drafts:
        raise UnusableRoster(
            "The roster has a header but no devices. Add one line per device below it."
        )
    _refuse_twins(drafts)
    roster = Roster(
        site=site,
        lines=tuple(
            Line(d.number, d.device(), d.connection or connection) for d in drafts if not d.faults
        ),
        faults=tuple(fault for d in drafts for fault in d.faults),
        unknown_columns=tuple(column for column in header if column and column not in COLUMNS),
    )
    if not roster.lines:
        raise UnusableRoster(f"No line of the roster can be used:\n{_listed(roster)}")
    return roster


def is_roster(text: str) -> bool:
    """Whether its first line names a column `device`; text that does not may be anything."""
    try:
        return any("device" in _columns(cells) for _, cells in islice(_rows(text), 1))
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


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that is not blank."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _empty()
    first_line = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield number, cells
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


def _header(rows: Iterator[tuple[int, list[str]]]) -> list[str]:
    """Column names of the first line, in their normal spelling."""
    first = next(rows, None)
    if first is None:
        raise _empty()
    _, cells = first
    if len(cells) > MOST_COLUMNS:
        raise UnusableRoster(
            f"The roster has {len(cells):,} columns. Remove those that are not needed: at most "
            f"{MOST_COLUMNS} are read."
        )
    header = _columns(cells)
    if "device" not in header:
        raise UnusableRoster(
            f"The roster has no column 'device'; {_named_columns(cells)}. "
            f"Name the columns in its first line, such as: {','.join(COLUMNS)}"
        )
    doubled = sorted({column for column in header if column and header.count(column) > 1})
    if doubled:
        raise UnusableRoster(
            f"The roster names the column {doubled[0]!r} more than once. Keep one of them."
        )
    return header


def _columns(cells: list[str]) -> list[str]:
    """The names of the columns in their normal spelling."""
    names = (re.sub(r"[\s_-]+", "_", cell.strip().lower()) for cell in cells)
    return [SPELLINGS.get(name, name) for name in names]


def _named_columns(cells: list[str]) -> str:
    """The columns of a file, unless they may be something else: its first line may be a secret."""
    names = [cell.strip() for cell in cells if cell.strip()]
    if not all(_COLUMN.fullmatch(name) for name in names):
        return "its first line names no columns"
    return f"its columns are: {', '.join(names)}"


@dataclass
class _Draft:
    """One line on its way to becoming a device: its cells by column, and its faults so far."""

    number: int
    cells: dict[str, str]
    faults: list[Fault] = field(default_factory=list)
    name: str = ""
    host_id: str | None = None
    macs: tuple[str, ...] = ()
    zero_touch: str | None = None
    connection: str | None = None

    @classmethod
    def of(cls, number: int, header: list[str], cells: list[str]) -> "_Draft":
        """Read the cells of line `number`, noting every fault."""
        draft = cls(number, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
        surplus = [cell for cell in cells[len(header) :] if cell.strip()]
        if surplus:
            draft._fault(
                "",
                surplus[0],
                f"the line has {len(cells)} cells for {len(header)} columns",
                "Quote cells that hold the separator, or remove the surplus",
            )
        draft.name = draft._read("device", _name) or ""
        draft.host_id = draft._read("host_id", printed_host_id)
        draft.macs = draft._read("mac", _macs) or ()
        draft.zero_touch = draft._read("zero_touch", _profile)
        draft.connection = draft._read("connection", _connection)
        draft._check_sense()
        return draft

    def device(self) -> Device:
        """The device of a line without faults."""
        return Device(
            name=self.name,
            host_id=self.host_id,
            macs=self.macs,
            zero_touch=self.zero_touch,
        )

    def clash(self, column: str, value: str, first: list[int], number: int) -> None:
        """Note that so many other lines, `first` among them, have the same value."""
        lines = ("line " if number == 1 else "lines ") + ", ".join(map(str, first))
        if number > len(first):
            lines += f" and {number - len(first):,} more"
        self._fault(
            column,
            value,
            f"{value!r} is also on {lines}",
            "Keep one line for each device; until then none of these is used",
        )

    def _check_sense(self) -> None:
        if not self.cells.get("device"):
            self._fault("device", "", "the device has no name", "Give each line a name of its own")
        profile = self.cells.get("zero_touch", "")
        if profile and not (self.cells.get("host_id") or self.cells.get("mac")):
            self._fault(
                "zero_touch",
                profile,
                "a zero-touch device without identity looks like every other of its profile",
                "Give its host_id or a mac",
            )

    def _read(self, column: str, reader: Callable[[str], T]) -> T | None:
        text = self.cells.get(column, "")
        try:
            return reader(text) if text else None
        except ValueError as error:
            self._fault(column, text, str(error), REMEDIES[column])
            return None

    def _fault(self, column: str, value: str, problem: str, remedy: str) -> None:
        name = self.cells.get("device", "")
        self.faults.append(Fault(self.number, column, value, problem, remedy, name))


def _name(text: str) -> str:
    if not re.fullmatch(NAME_PATTERN, text):
        raise ValueError(f"{text!r} cannot be a device's name")
    return text


def _macs(text: str) -> tuple[str, ...]:
    macs = [mac for mac in _MAC_LIST.split(text) if mac] or [text]
    return tuple(dict.fromkeys(map(normal_mac, macs)))


def _profile(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"{text!r} cannot be a profile's name")
    return text


def _connection(text: str) -> str:
    if not re.fullmatch(CONNECTION_PATTERN, text.lower()):
        raise ValueError(f"{text!r} cannot be a connection's name")
    return text.lower()


def _refuse_twins(drafts: Iterable[_Draft]) -> None:
    """A fault for every line that shares a name, host id or MAC with another: none is trusted."""
    seen: dict[tuple[str, str], list[_Draft]] = defaultdict(list)
    for draft in drafts:
        keys = [("device", draft.name), *(("mac", mac) for mac in draft.macs)]
        if draft.host_id:
            keys.append(("host_id", draft.host_id.lower()))
        for key in keys:
            seen[key].append(draft)
    for (column, value), sharing in seen.items():
        for draft in sharing if value and len(sharing) > 1 else ():
            others = (other.number for other in sharing if other is not draft)
            draft.clash(column, value, list(islice(others, _NAMED_LINES)), len(sharing) - 1)
