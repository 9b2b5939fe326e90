"""A roster's header: which of its columns holds what, in whatever spelling."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from fleet.roster.table import Row
from fleet.text.fault import UnusableRoster

COLUMNS = ("device", "host_id", "mac", "zero_touch", "connection")
SITE, SYSTEM = "site", "system"
MOST_COLUMNS = 100
NAMES = ("device_name", "name")
_IDENTITY = {"host_id", "mac"}
FIRST_ROWS = 50  # those among which the header is
# Other spellings of a column; were one overlooked, its devices would have no identity.
SPELLINGS = {
    "hostid": "host_id",
    "host_identifier": "host_id",
    "zerotouch": "zero_touch",
    "zero_touch_profile": "zero_touch",
    "site_name": SITE,
}
# MAC Addr, MACs, MAC Address 2, eth0_mac: and neither "MAC vendor" nor the MAC of another machine.
_MAC = re.compile(
    r"(?:(?:primary|secondary|device|base|nic|(?:w?lan|wan|wifi|wired|wireless|eth|ethernet|en)\d*)_)?"
    r"macs?(?:_?addr(?:ess(?:es)?|s)?|_?ids?)?(?:_?(?:\d+|(?:eth|w?lan|wan|en)\d*))?"
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_SHOWN = re.compile(r"[\w .()-]{1,40}")
# What the tables of our reports have beside a device. They lack what a roster says.
_REPORTS = (
    {"state", "reason", "request"},
    {"state", "reason", "last_known"},
    {"kind", "reason", "remedy"},
)


@dataclass(frozen=True)
class Header:
    """The names of the columns in their normal spelling; "" for a column without a name.

    `index` counts the rows above it.
    """

    names: tuple[str, ...]
    index: int = 0

    @cached_property
    def columns(self) -> dict[str, tuple[int, ...]]:
        """The columns of each name, counted from 0: several may hold MACs."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, name in enumerate(self.names):
            found[name].append(index)
        return {name: tuple(columns) for name, columns in found.items() if name}

    def used(self, system_names_connections: bool) -> dict[str, tuple[int, ...]]:
        """The columns of every field that a roster has; `system` may be a column of our own."""
        found = {name: self.columns[name] for name in (*COLUMNS, SITE) if name in self.columns}
        if system_names_connections and "connection" not in found:
            found["connection"] = self.columns[SYSTEM]
        return found


def normal_name(cell: str) -> str:
    """The name of a column in its normal spelling: "MAC Address (eth0)" is mac."""
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    bare = _BRACKETS.sub(" ", text).strip(" *:_-")
    name = re.sub(r"[\s_-]+", "_", bare or text)
    return "mac" if _MAC.fullmatch(name) else SPELLINGS.get(name, name)


def find_header(rows: Sequence[Row]) -> Header | None:
    """The header among the first rows: there may be titles above it. None when there is none.

    UnusableRoster when it is the header of a report, or has too many columns.
    """
    found = [_header(row.cells, index) for index, row in enumerate(rows[:FIRST_ROWS])]
    headers = [header for header in found if "device" in header.columns]
    if not headers:
        return None
    header = max(headers, key=lambda each: len(each.used(False)))
    if len(header.names) > MOST_COLUMNS:
        raise UnusableRoster(
            f"The roster has more than {MOST_COLUMNS} columns. Remove those that are not needed."
        )
    if any(header.columns.keys() >= report for report in _REPORTS):
        raise UnusableRoster(
            "This is the table of a report, and not a roster: it lacks what a roster says, such "
            "as zero-touch profiles. Correct the roster itself, and give that."
        )
    return header


def _header(cells: Sequence[str], index: int) -> Header:
    """The names in a row. A column `name` is the device's where others say which machine it is."""
    names = [normal_name(cell) for cell in cells]
    if "device" not in names and _IDENTITY & set(names):
        name = next((each for each in NAMES if each in names), None)
        names = ["device" if each == name else each for each in names]
    return Header(tuple(names), index)


def refuse_header(cells: Sequence[str]) -> NoReturn:
    """Raise UnusableRoster for what begins with this row, and has no header anywhere."""
    raise UnusableRoster(
        f"The roster has no column 'device'; {_named_columns(cells)}. "
        f"Name the columns in its first line, such as: {','.join(COLUMNS)}"
    )


def _named_columns(cells: Sequence[str]) -> str:
    """The columns of a file, unless they may be something else: its first line may be a secret."""
    names = [cell.strip() for cell in cells if cell.strip()]
    if not all(_SHOWN.fullmatch(name) for name in names):
        return "its first line names no columns"
    return f"its columns are: {', '.join(names)}"
