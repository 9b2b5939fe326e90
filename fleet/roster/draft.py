"""A line on its way to becoming a device: its cells by column, and its faults so far."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from fleet.device.device import NAME_PATTERN, Device
from fleet.roster.cells import REMEDIES, connection_in, is_site, macs_in, name_in, profile_in
from fleet.roster.device_name import RULE, device_name
from fleet.roster.host_id import UnusableHostId, written_host_id
from fleet.roster.repair import Acceptance, Repair
from fleet.text.fault import Fault
from fleet.text.place import Place, letters

_NAMED = 10  # lines that share a value; were all of them named, their faults would grow as a square
T = TypeVar("T")


@dataclass
class Draft:
    """One line: its cells, the columns of each field (from 0), and what was read of them."""

    place: Place
    cells: Sequence[str]
    columns: Mapping[str, tuple[int, ...]]
    accepts: Acceptance
    faults: list[Fault] = field(default_factory=list)
    proposed: list[Repair] = field(default_factory=list)
    repaired: list[Repair] = field(default_factory=list)
    name: str = ""
    host_id: str | None = None
    macs: tuple[str, ...] = ()
    zero_touch: str | None = None
    connection: str | None = None
    label: str = ""
    serial: str = ""
    notes: str = ""

    def read(self, width: int, site: str) -> None:
        """Read the cells, of which `width` have a column's name, and note every fault."""
        self._check_width(width)
        self.name = self._read_name()
        self.host_id = self._read("host_id", written_host_id)
        self.macs = self._read("mac", macs_in) or ()
        self.zero_touch = self._read("zero_touch", profile_in)
        self.connection = self._read("connection", connection_in)
        self.label = self.label or next(iter(self.texts("label")), "")
        self.serial = next(iter(self.texts("serial")), "")
        self.notes = re.sub(r"\r\n?", "\n", "; ".join(self.texts("notes")))
        self._check_site(site)
        self._check_sense()

    @property
    def is_usable(self) -> bool:
        """Whether it has no fault, and no repair that waits for a yes."""
        return not (self.faults or self.proposed)

    def device(self) -> Device:
        """The device of a usable line."""
        return Device(
            name=self.name,
            host_id=self.host_id,
            macs=self.macs,
            zero_touch=self.zero_touch,
        )

    def texts(self, column: str) -> dict[str, int]:
        """What the line says in a field, each text once, and its column."""
        found = ((self._cell(index), index) for index in reversed(self.columns.get(column, ())))
        return dict(reversed([(text, index) for text, index in found if text]))

    def refuse(self, problem: str, remedy: str) -> None:
        """Note that the line as a whole could not be read."""
        self.faults.append(Fault(self.place, "", self._cell(0), problem, remedy))

    def clash(self, column: str, value: str, sharing: Sequence["Draft"]) -> None:
        """Note that the other lines of `sharing` have the same value."""
        first = [each.place for each in sharing[: _NAMED + 1] if each is not self][:_NAMED]
        lines = ", ".join(str(place).removeprefix("line ") for place in first)
        more = len(sharing) - 1 - len(first)
        self._fault(
            column,
            value,
            f"{value!r} is also on {'line' if len(sharing) == 2 else 'lines'} {lines}"
            + (f" and {more:,} more" if more else ""),
            "Keep one line for each device; until then none of these is used",
        )

    def refuse_no_site(self) -> None:
        """Note that the line may be of any of the sites that others name."""
        self._fault(
            "site",
            "",
            "the line names no site, and other lines name several",
            "Give the line its site",
        )

    def refuse_connection(self, known: Sequence[str]) -> None:
        """Note that the line names a connection that there is not."""
        self._fault(
            "connection",
            self.connection or "",
            f"there is no connection {self.connection!r}",
            f"Name one of {', '.join(known)}, or leave the cell empty",
        )

    def _cell(self, index: int) -> str:
        return self.cells[index].strip() if index < len(self.cells) else ""

    def _check_width(self, width: int) -> None:
        surplus = [index for index in range(width, len(self.cells)) if self._cell(index)]
        if surplus:
            self._fault(
                "",
                self._cell(surplus[0]),
                f"the line has {len(self.cells)} cells for {width} columns",
                "Quote cells that hold the separator, or remove the surplus",
                surplus[0],
            )

    def _check_site(self, site: str) -> None:
        for text, index in self.texts("site").items():
            if site and not is_site(text, site):
                self._fault(
                    "site",
                    text,
                    f"the line is of site {text!r}, and this run is of {site!r}",
                    "Run it for that site, or correct the cell",
                    index,
                )

    def _check_sense(self) -> None:
        if not self.texts("device"):
            self._fault("device", "", "the device has no name", "Give each line a name of its own")
        profile = next(iter(self.texts("zero_touch")), "")
        if profile and not (self.texts("host_id") or self.texts("mac")):
            self._fault(
                "zero_touch",
                profile,
                "a zero-touch device without identity looks like every other of its profile",
                "Give its host_id or a mac",
            )

    def _read_name(self) -> str:
        """The device's name, or the one that the rule makes of it; then that waits for a yes."""
        said = self.texts("device")
        text = next(iter(said), "")
        made = device_name(text)
        if len(said) != 1 or made in {"", text} or re.fullmatch(NAME_PATTERN, text):
            return self._read("device", name_in) or ""
        self.label = text
        where = letters(said[text])
        repair = Repair(self.place, "device", where, text, text, made, RULE, is_safe=True)
        (self.repaired if self.accepts.takes(repair) else self.proposed).append(repair)
        return made

    def _read(self, column: str, reader: Callable[[str], T]) -> T | None:
        """What the cells of a field say. Columns of MACs are read as one; others must agree."""
        texts = self.texts(column)
        if not texts:
            return None
        if len(texts) > 1 and column != "mac":
            said = " and ".join(map(repr, texts))
            self._fault(column, said, f"two columns of it say {said}", "Keep the one that is right")
            return None
        text = " ".join(texts)
        try:
            return reader(text)
        except UnusableHostId as error:
            self._fault(column, text, str(error), error.remedy)
        except ValueError as error:
            self._fault(column, text, str(error), REMEDIES[column])
        return None

    def _fault(
        self, column: str, value: str, problem: str, remedy: str, index: int | None = None
    ) -> None:
        if index is None:
            index = next(iter(self.texts(column).values()), self.columns.get(column, (None,))[0])
        name = next(iter(self.texts("device")), "")
        where = "" if index is None else letters(index)
        self.faults.append(Fault(self.place, column, value, problem, remedy, name, where))
