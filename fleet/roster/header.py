"""A roster's header: which of its columns holds what, in whatever spelling."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fleet.text.fault import UnusableRoster

COLUMNS = ("device", "host_id", "mac", "zero_touch", "connection")
SITE, SYSTEM = "site", "system"
MOST_COLUMNS = 100
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
    """The names of the columns in their normal spelling; "" for a column without a name."""

    names: tuple[str, ...]

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


def read_header(cells: Sequence[str]) -> Header:
    """The header in `cells`; UnusableRoster when no roster has such a one."""
    if len(cells) > MOST_COLUMNS:
        raise UnusableRoster(
            f"The roster has {len(cells):,} columns. Remove those that are not needed: at most "
            f"{MOST_COLUMNS} are read."
        )
    header = Header(tuple(map(normal_name, cells)))
    if "device" not in header.columns:
        raise UnusableRoster(
            f"The roster has no column 'device'; {_named_columns(cells)}. "
            f"Name the columns in its first line, such as: {','.join(COLUMNS)}"
        )
    if any(header.columns.keys() >= report for report in _REPORTS):
        raise UnusableRoster(
            "This is the table of a report, and not a roster: it lacks what a roster says, such "
            "as zero-touch profiles. Correct the roster itself, and give that."
        )
    return header


def _named_columns(cells: Sequence[str]) -> str:
    """The columns of a file, unless they may be something else: its first line may be a secret."""
    names = [cell.strip() for cell in cells if cell.strip()]
    if not all(_SHOWN.fullmatch(name) for name in names):
        return "its first line names no columns"
    return f"its columns are: {', '.join(names)}"
