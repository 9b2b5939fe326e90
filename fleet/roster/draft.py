"""A line on its way to becoming a device: its cells by column, and its faults so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fleet.device.device import Device
from fleet.roster.repair import Acceptance, Repair
from fleet.roster.table import nothing_shown
from fleet.text.fault import Fault
from fleet.text.place import Place, letters

_NAMED = 10  # lines that share a value; were all of them named, their faults would grow as a square
SPACES = " \t\r\n\v\f"  # around a text they are no part of it; what nobody sees may be a sign


@dataclass(slots=True)
class Draft:
    """One line: its cells, the columns of each field (from 0), and what was read of them.

    What was read takes its repairs for granted; the line is not used while one is not accepted.
    """

    place: Place
    cells: Sequence[str]
    columns: Mapping[str, tuple[int, ...]]
    accepts: Acceptance
    faults: tuple[Fault, ...] = ()
    proposed: tuple[Repair, ...] = ()
    repaired: tuple[Repair, ...] = ()
    name: str = ""
    host_id: str | None = None
    macs: tuple[str, ...] = ()
    zero_touch: str | None = None
    connection: str | None = None
    label: str = ""
    serial: str = ""
    notes: str = ""
    shown: Mapping[int, str] = field(default_factory=nothing_shown)
    unsaved: frozenset[int] = frozenset()
    is_repeated: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether it has no fault, and no repair that waits for a yes."""
        return not (self.faults or self.proposed or self.is_repeated)

    @property
    def said(self) -> object:
        """All that is said of its device: two lines that say the same are one device."""
        identity = (self.host_id or "").lower(), frozenset(self.macs)
        return (
            self.name,
            next(iter(self.texts("device")), ""),
            identity,
            self.zero_touch,
            self.connection,
        )

    def repeat(self, use: str, because: str, is_safe: bool) -> None:
        """Note that another line says the same; `use` is "" for one that is to be left out."""
        common = "another line says the same"
        self.propose("", 0, self.name, use, because, is_safe, common)
        self.is_repeated = not use

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
        found: dict[str, int] = {}
        for index in self.columns.get(column, ()):
            if text := self.cell(index):
                found.setdefault(text, index)
        return found

    def refuse(self, problem: str, remedy: str) -> None:
        """Note that the line as a whole could not be read."""
        self.faults += (Fault(self.place, "", self.cell(0), problem, remedy),)

    def clash(self, column: str, value: str, sharing: Sequence["Draft"]) -> None:
        """Note that the other lines of `sharing` have the same value."""
        first = [each.place for each in sharing[: _NAMED + 1] if each is not self][:_NAMED]
        lines = ", ".join(str(place).removeprefix("line ") for place in first)
        more = len(sharing) - 1 - len(first)
        self.fault(
            column,
            value,
            f"{value!r} is also on {'line' if len(sharing) == 2 else 'lines'} {lines}"
            + (f" and {more:,} more" if more else ""),
            "Keep one line for each device; until then none of these is used",
            cause=f"{value!r} is on {len(sharing):,} lines",
        )

    def refuse_no_site(self) -> None:
        """Note that the line may be of any of the sites that others name."""
        self.fault(
            "site",
            "",
            "the line names no site, and other lines name several",
            "Give the line its site",
        )

    def refuse_connection(self, known: Sequence[str]) -> None:
        """Note that the line names a connection that there is not."""
        self.fault(
            "connection",
            self.connection or "",
            f"there is no connection {self.connection!r}",
            f"Name one of {', '.join(known)}, or leave the cell empty",
        )

    def cell(self, index: int) -> str:
        """The text of a cell, without the spaces around it."""
        text = self.cells[index].strip(SPACES) if index < len(self.cells) else ""
        return text if text.strip() else ""

    def propose(
        self,
        column: str,
        index: int,
        read: str,
        use: str,
        because: str,
        is_safe: bool,
        common: str = "",
    ) -> None:
        """Note a repair, as accepted or as one that waits for a yes."""
        name = next(iter(self.texts("device")), "")
        where = letters(index) if column else ""
        repair = Repair(self.place, column, where, name, read, use, because, is_safe, common)
        if self.accepts.takes(repair):
            self.repaired += (repair,)
        else:
            self.proposed += (repair,)

    def fault(
        self,
        column: str,
        value: str,
        problem: str,
        remedy: str,
        index: int | None = None,
        cause: str = "",
    ) -> None:
        """Note what is wrong with a cell of a field, as a rule with its first."""
        if index is None:
            index = next(iter(self.texts(column).values()), self.columns.get(column, (None,))[0])
        name = next(iter(self.texts("device")), "")
        where = "" if index is None else letters(index)
        self.faults += (Fault(self.place, column, value, problem, remedy, name, where, cause),)
