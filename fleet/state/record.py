"""A device record: what the ledger keeps of one device, and its state when last observed."""

from dataclasses import dataclass
from datetime import datetime

from fleet.device.device import Device
from fleet.state.device_state import State


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """One device of a site. `is_listed` says whether the site's last roster names it.

    `confirmed_as` is its system's id of it, once it was observed in service. `is_by_people` and
    `activates_itself` are of its last order: people approve it, it exchanges its code itself.
    Where people approve it, `traits` are all that it is or was known by.
    """

    site: str
    scope: str
    connection: str
    device: Device
    state: State
    is_listed: bool
    confirmed_as: str | None
    changed_at: datetime
    is_by_people: bool = False
    activates_itself: bool = False
    traits: frozenset[str] = frozenset()

    @property
    def is_managed(self) -> bool:
        """Whether it is to be in service."""
        return self.is_listed and self.state is not State.RETIRED

    @property
    def is_on_its_way(self) -> bool:
        """Whether it may still come into service without more help."""
        return self.is_listed and not self.state.record.is_final
