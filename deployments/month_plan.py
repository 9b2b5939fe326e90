"""The plan of a month: its devices, and what happens to each of them when."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from deployments.month_scenario import Scenario, System, What
from simulator.lem.booted_device import VERSION, Behavior

COLUMNS = ("device", "host_id", "mac", "connection")


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """One device. Its roster lists it from day `listed` until day `dropped`; 0 is never.

    Devices of LEM are powered on on the day `arrives`; Muster provisions the others itself.
    """

    name: str
    site: str
    system: System
    connection: str
    host_id: str = ""
    macs: tuple[str, ...] = ()
    version: str = VERSION
    behavior: Behavior = "prompt"
    listed: int = 0
    dropped: int = 0
    arrives: int = 0

    def is_listed(self, day: int) -> bool:
        """Whether the roster of that day has a line of it."""
        return 0 < self.listed <= day and not 0 < self.dropped <= day


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens, such as edge-101 being powered on.

    An onboarding's code lives for `code_days`; `register_again` is its parameter of that name.
    """

    day: int
    moment: datetime
    what: What
    site: str = ""
    device: str = ""
    system: System | None = None
    code_days: int = 0
    register_again: bool = False


@dataclass(frozen=True)
class Plan:
    """All of a month, with the events in the order in which they happen."""

    scenario: Scenario
    devices: dict[str, PlannedDevice]
    events: tuple[Event, ...]

    def on(self, day: int) -> list[Event]:
        """What happens on that day."""
        return [event for event in self.events if event.day == day]

    def roster(self, site: str, day: int) -> str:
        """The CSV text that lists the devices of a site on that day."""
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(COLUMNS)
        for each in self.devices.values():
            if each.site == site and each.is_listed(day):
                lines.writerow((each.name, each.host_id, " ".join(each.macs[:1]), each.connection))
        return text.getvalue()
