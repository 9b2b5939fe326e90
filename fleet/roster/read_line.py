"""Reading a line: what each cell says in its field, with the faults and repairs of all."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from fleet.roster.absent import is_absent
from fleet.roster.cells import REMEDIES, is_site
from fleet.roster.draft import SPACES, Draft
from fleet.roster.host_id import UnusableHostId
from fleet.roster.plain_line import PlainLines
from fleet.roster.repair import Acceptance
from fleet.roster.repair_cell import (
    CellRepair,
    Found,
    as_shown,
    joined,
    read_connection,
    read_name,
    read_profile,
)
from fleet.roster.repair_host_id import are_hex, host_id_among_macs, read_host_id
from fleet.roster.repair_mac import read_macs
from fleet.roster.repair_text import GUESS, Cause, Causes
from fleet.roster.table import Row

_UNSAVED = "Open the file in a spreadsheet program, and save it again"
_HOST_ID = Cause("it is no MAC address and may be a host id, as which it would be used", GUESS)
T = TypeVar("T")


def read_lines(
    rows: Sequence[Row],
    columns: Mapping[str, tuple[int, ...]],
    width: int,
    site: str,
    accepts: Acceptance,
) -> list[Draft]:
    """The lines of a table, each read, in their order."""
    indexes = columns.get("host_id", ())
    ids = (row.cells[at].strip(SPACES) for row in rows for at in indexes if at < len(row.cells))
    is_hex = are_hex(ids)
    plain = PlainLines(columns, width, site, accepts)
    return [
        plain.read(row) or read_line(row, columns, width, site, accepts, is_hex) for row in rows
    ]


def read_line(
    row: Row,
    columns: Mapping[str, tuple[int, ...]],
    width: int,
    site: str,
    accepts: Acceptance,
    in_hex_column: bool,
) -> Draft:
    """Any line, read with care."""
    draft = Draft(row.place, row.cells, columns, accepts, shown=row.shown, unsaved=row.unsaved)
    if row.problem:
        draft.refuse(row.problem, row.remedy)
    else:
        LineReader(draft).read(width, site, in_hex_column)
    return draft


@dataclass
class LineReader:
    """Reads one line into its draft."""

    draft: Draft
    repairs: list[CellRepair] = field(default_factory=list)

    def read(self, width: int, site: str, in_hex_column: bool = False) -> None:
        """Read the cells, of which `width` have a column's name, and note all faults and repairs.

        `in_hex_column` says that the other host ids of the column have 12 hex digits.
        """
        self._check_width(width)
        self._check_formulas()
        self._read_name()
        self._read_host_id(in_hex_column)
        self._read_macs()
        self.draft.zero_touch = self._single("zero_touch", read_profile)
        self.draft.connection = self._single("connection", read_connection)
        self.draft.label = self.draft.label or next(iter(self._shown("label")), "")
        self.draft.serial = next(iter(self._shown("serial")), "")
        self.draft.notes = re.sub(r"\r\n?", "\n", "; ".join(self._shown("notes")))
        self._check_site(site)
        self._check_sense()
        self._weigh()

    def _shown(self, column: str) -> list[str]:
        """What a field says as the sheet shows it: it is for people, and identifies nothing."""
        texts = self.draft.texts(column).items()
        return [self.draft.shown.get(index, text) for text, index in texts]

    def _check_formulas(self) -> None:
        for column, indexes in self.draft.columns.items() if self.draft.unsaved else ():
            for index in self.draft.unsaved.intersection(indexes):
                problem = "the cell holds a formula that no spreadsheet program has calculated"
                self.draft.fault(column, "", problem, _UNSAVED, index)

    def _check_width(self, width: int) -> None:
        surplus = [index for index in range(width, len(self.draft.cells)) if self.draft.cell(index)]
        if surplus:
            self.draft.fault(
                "",
                self.draft.cell(surplus[0]),
                f"the line has {len(self.draft.cells)} cells for {width} columns",
                "Quote cells that hold the separator, or remove the surplus",
                surplus[0],
            )

    def _check_site(self, site: str) -> None:
        for text, index in self.draft.texts("site").items():
            if site and not is_site(text, site):
                self.draft.fault(
                    "site",
                    text,
                    f"the line is of site {text!r}, and this run is of {site!r}",
                    "Run it for that site, or correct the cell",
                    index,
                )

    def _check_sense(self) -> None:
        faulty = {fault.column for fault in self.draft.faults}
        if not self.draft.texts("device") and "device" not in faulty:
            self.draft.fault(
                "device", "", "the device has no name", "Give each line a name of its own"
            )
        if self.draft.zero_touch and not (
            self.draft.host_id or self.draft.macs or faulty & {"host_id", "mac"}
        ):
            self.draft.fault(
                "zero_touch",
                self.draft.zero_touch,
                "a zero-touch device without identity looks like every other of its profile",
                "Give its host_id or a mac",
            )

    def _single(self, column: str, reader: Callable[[str], Found[T]]) -> T | None:
        """What the cells of a field say, which must agree."""
        texts = self.draft.texts(column)
        if len(texts) > 1:
            said = " and ".join(map(repr, texts))
            self.draft.fault(
                column, said, f"two columns of it say {said}", "Keep the one that is right"
            )
            return None
        for text, index in texts.items():
            found = self._found(column, text, index, reader)
            if found:
                self._note(column, index, str(found.value or ""), found.causes)
                return found.value
        return None

    def _found(
        self, column: str, text: str, index: int, reader: Callable[[str], Found[T]]
    ) -> Found[T] | None:
        """What a cell says, with what its format shows; None when that is a fault."""
        shown, causes = as_shown(text, self.draft.shown.get(index, ""))
        try:
            found = reader(shown)
        except UnusableHostId as error:
            self.draft.fault(column, text, str(error), error.remedy, index)
        except ValueError as error:
            self.draft.fault(column, text, str(error), REMEDIES[column], index)
        else:
            return Found(found.value, causes + found.causes)
        return None

    def _read_name(self) -> None:
        """The device's name, or the one that the rule makes of it, which is then its label."""

        def reader(text: str) -> Found[str]:
            found = read_name(text)
            self.draft.label = text if found.is_by_rule else ""
            return found

        self.draft.name = self._single("device", reader) or ""

    def _read_host_id(self, in_hex_column: bool) -> None:
        def reader(text: str) -> Found[str]:
            found = read_host_id(text, in_hex_column)
            self.draft.macs = found.macs
            return Found(found.host_id, found.causes)

        self.draft.host_id = self._single("host_id", reader)
        if self.draft.macs:
            (last,) = self.repairs[-1:]
            self.repairs[-1] = replace(last, use=joined(self.draft.macs))

    def _read_macs(self) -> None:
        """What all columns of MACs say, each of its own, and a MAC in the column of host ids."""
        for text, index in self.draft.texts("mac").items():
            other = None if self.draft.texts("host_id") else host_id_among_macs(text)
            if other and not _is_macs(text):
                self.draft.host_id = other
                self._note("mac", index, other, (_HOST_ID,))
            elif found := self._found("mac", text, index, _found_macs):
                self._note("mac", index, joined(found.value or ()), found.causes)
                self.draft.macs += tuple(
                    each for each in found.value or () if each not in self.draft.macs
                )

    def _note(self, column: str, index: int, use: str, causes: Causes) -> None:
        if causes:
            read = self.draft.cells[index]
            self.repairs.append(CellRepair(column, index, read, use, causes))

    def _weigh(self) -> None:
        is_identified = bool(self.draft.host_id or self.draft.macs)
        for each in self.repairs:
            read, is_safe = each.read.strip(SPACES), each.is_safe(is_identified)
            is_safe = is_safe and (each.column != "device" or self._says_more())
            self.draft.propose(each.column, each.index, read, each.use, each.because, is_safe)

    def _says_more(self) -> bool:
        """Whether it says more than a name: what says nothing else may be no device at all."""
        others = (column for column in self.draft.columns if column != "device")
        return any(not is_absent(t) for column in others for t in self.draft.texts(column))


def _found_macs(text: str) -> Found[tuple[str, ...]]:
    found = read_macs(text)
    return Found(found.macs, found.causes)


def _is_macs(text: str) -> bool:
    try:
        return bool(read_macs(text))
    except ValueError:
        return False
