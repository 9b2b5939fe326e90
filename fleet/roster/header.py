"""A roster's header: the row that names its columns, in whatever spelling and language."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from fleet.roster.choices import Choices
from fleet.roster.content import Cells, sampled
from fleet.roster.export import Export
from fleet.roster.synonyms import (
    FIELD_OF,
    RANK_OF,
    SURE_NAMES,
    another_machine,
    compact,
)
from fleet.roster.table import Row
from fleet.text.fault import UnusableRoster

COLUMNS = ("device", "host_id", "mac", "zero_touch", "connection")
SITE, SYSTEM = "site", "system"
MORE_COLUMNS = (SITE, "label", "serial", "notes")
FIELDS = (*COLUMNS, *MORE_COLUMNS)
MOST_COLUMNS = 100
FIRST_ROWS = 50  # those among which the header is
# Other spellings of a column; were one overlooked, its devices would have no identity.
SPELLINGS = {
    "hostid": "host_id",
    "host_identifier": "host_id",
    "zerotouch": "zero_touch",
    "zero_touch_profile": "zero_touch",
    "site_name": SITE,
}
_MACHINE = {"host_id", "mac", "serial"}  # which machine it is
# MAC Addr, MACs, MAC Address 2, eth0_mac: and neither "MAC vendor" nor the MAC of another machine.
_MAC = re.compile(
    r"(?:(?:primary|secondary|device|base|nic|(?:w?lan|wan|wifi|wired|wireless|eth|ethernet|en)\d*)_)?"
    r"macs?(?:_?addr(?:ess(?:es)?|s)?|_?ids?)?(?:_?(?:\d+|(?:eth|w?lan|wan|en)\d*))?"
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_VARIABLE = re.compile(r"var\s*:\s*")
_SHOWN = re.compile(r"[\w .()-]{1,40}")
# What the tables of our reports have beside a device. They lack what a roster says.
_REPORTS = (
    {"state", "reason", "request"},
    {"state", "reason", "last_known"},
    {"kind", "reason", "remedy"},
)


@dataclass(frozen=True)
class Header:
    """The names of the columns as written; "" for a column without a name.

    `index` counts the rows above it. `export` is that of the product which wrote the table.
    """

    written: tuple[str, ...]
    index: int = 0
    export: Export | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in their normal spelling."""
        return tuple(map(normal_name, self.written))

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The field that each name says, or ""."""
        return tuple(map(named_field, self.names))

    @cached_property
    def columns(self) -> dict[str, tuple[int, ...]]:
        """The columns of each name, counted from 0: several may hold MACs."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, name in enumerate(self.names):
            found[name].append(index)
        return {name: tuple(columns) for name, columns in found.items() if name}


def normal_name(cell: str) -> str:
    """The name of a column in its normal spelling: "MAC Address (eth0)" is mac."""
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    bare = _VARIABLE.sub("", _BRACKETS.sub(" ", text).strip(" *:_-"), count=1)
    name = re.sub(r"[\s_-]+", "_", bare or text)
    return "mac" if _MAC.fullmatch(name) else SPELLINGS.get(name, name)


def named_field(name: str) -> str:
    """The field that a column's normal name says, also by a synonym; "" for none."""
    return name if name in FIELDS else FIELD_OF.get(compact(name), "")


def name_rank(name: str) -> int | None:
    """How well a column's normal name says that it names devices: 0 the best, None not at all."""
    return RANK_OF.get(compact(name))


def recognized(cells: Sequence[str]) -> int:
    """How many fields a row names, were it a header."""
    names = [normal_name(cell) for cell in cells[:MOST_COLUMNS]]
    found = {named_field(name) for name in names} - {""}
    return len(found | {"device" for name in names if name_rank(name) is not None})


def find_header(
    rows: Sequence[Row], choices: Choices | None = None, exports: Collection[Export] = ()
) -> Header | None:
    """The header among the first rows: there may be titles above it. None when there is none.

    UnusableRoster when it is the header of a report, or has too many columns.
    """
    chosen = choices or Choices()
    found = [_header(row.cells, i, exports) for i, row in enumerate(rows[:FIRST_ROWS])]
    headers = [each for each in found if _names_devices(each, rows, chosen)]
    if not headers:
        return None
    header = max(headers, key=lambda each: (each.export is not None, recognized(each.written)))
    if len(header.written) > MOST_COLUMNS:
        raise UnusableRoster(
            f"The roster has more than {MOST_COLUMNS} columns. Remove those that are not needed."
        )
    if any(header.columns.keys() >= report for report in _REPORTS):
        raise UnusableRoster(
            "This is the table of a report, and not a roster: it lacks what a roster says, such "
            "as zero-touch profiles. Correct the roster itself, and give that."
        )
    return header


def _header(cells: Sequence[str], index: int, exports: Collection[Export]) -> Header:
    names = {compact(cell) for cell in cells[:MOST_COLUMNS]} if exports else set()
    fitting = [each for each in exports if each.is_of(names)]
    best = max(fitting, key=lambda each: len(each.signs), default=None)
    return Header(tuple(cells), index, best)


def _names_devices(header: Header, rows: Sequence[Row], chosen: Choices) -> bool:
    """Whether one of its columns names devices.

    `Name` does only where another column says which machine it is: many lists have names.
    """
    if "device" in header.fields or any("device" in chosen.fields_of(c) for c in header.written):
        return True
    if header.export and "device" in header.export.columns.values():
        return True
    ranks = [rank for name in header.names if (rank := name_rank(name)) is not None]
    others = set(header.fields) - {""}
    if not ranks:
        return False
    if _MACHINE & others or (others and min(ranks) < SURE_NAMES):
        return True
    return bool(mac_columns(header, rows[: header.index + 1 + FIRST_ROWS]))


def mac_columns(header: Header, rows: Sequence[Row]) -> list[int]:
    """The columns that hold MACs by their content, and are not about another machine."""
    below = sampled(rows[header.index + 1 :])
    if not below:
        return []
    cells = (
        (index, Cells(below, index)) for index in range(min(len(header.written), MOST_COLUMNS))
    )
    return [
        index
        for index, each in cells
        if each.are_macs and each.are_different and not another_machine(header.written[index])
    ]


def refuse_header(cells: Sequence[str]) -> NoReturn:
    """Raise UnusableRoster for what begins with this row, and has no header anywhere."""
    names = [cell.strip() for cell in cells if cell.strip()]
    such = f"Name the columns in its first line, such as: {','.join(COLUMNS)}"
    # Its first line may be a secret, were this no roster.
    if not names or not all(_SHOWN.fullmatch(name) for name in names):
        raise UnusableRoster(
            f"The roster has no column 'device'; its first line names no columns. {such}"
        )
    raise UnusableRoster(
        f"The roster has no column 'device'; its columns are: {', '.join(names)}. {such}. "
        f"Or say which column names the devices: {names[0]} = device"
    )
