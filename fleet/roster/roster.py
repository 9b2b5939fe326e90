"""A roster: the devices that one site wants in service, and the lines that cannot be used."""

from dataclasses import dataclass, field

from fleet.device.device import Device
from fleet.roster.mapping import Mapping
from fleet.roster.repair import Repair
from fleet.text.fault import Fault
from fleet.text.place import Place


@dataclass(frozen=True, slots=True)
class Line:
    """A usable line: where it is in what was sent, and its device.

    `connection` names the connection that brings the device into service, such as `lem`. `label`
    is what people call the device, as the line has it: "Prüfstand 4 (Süd)".
    """

    place: Place
    device: Device
    connection: str
    label: str = ""
    serial: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Roster:
    """What one site wants: usable lines, the faults of the others, and ignored columns.

    `notes` says what else of what was sent was not read, such as a hidden sheet, or was guessed.
    `proposed` are repairs that nobody accepted, so that their lines are not used; `repaired` are
    those that were. `mapping` says what each column is used as, and why, and
    `chosen` what is to be remembered of what people chose; None where nothing could be chosen.
    """

    site: str
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    proposed: tuple[Repair, ...] = ()
    repaired: tuple[Repair, ...] = ()
    mapping: Mapping = field(default=Mapping(), compare=False)
    chosen: dict[str, str] | None = field(default=None, compare=False)

    @property
    def devices(self) -> tuple[Device, ...]:
        """The devices of the usable lines, in the roster's order."""
        return tuple(line.device for line in self.lines)

    @property
    def by_connection(self) -> dict[str, tuple[Device, ...]]:
        """The devices of each connection, both in the roster's order."""
        found: dict[str, list[Device]] = {}
        for line in self.lines:
            found.setdefault(line.connection, []).append(line.device)
        return {name: tuple(devices) for name, devices in found.items()}

    @property
    def faulty_lines(self) -> tuple[Place, ...]:
        """The lines that cannot be used, each once, in order."""
        return tuple(sorted({fault.line for fault in self.faults}, key=lambda line: line.order))

    @property
    def proposed_lines(self) -> tuple[Place, ...]:
        """The lines that wait for a yes to a repair and have no fault, each once, in order."""
        waiting = {repair.place for repair in self.proposed} - set(self.faulty_lines)
        return tuple(sorted(waiting, key=lambda line: line.order))

    @property
    def repeated_lines(self) -> tuple[Place, ...]:
        """The lines that only repeat another one, as a person accepted, in order."""
        whole = {repair.place for repair in self.repaired if not (repair.column or repair.use)}
        left_out = whole - set(self.faulty_lines) - set(self.proposed_lines)
        return tuple(sorted(left_out, key=lambda line: line.order))
