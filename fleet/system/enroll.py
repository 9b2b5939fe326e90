"""Enroll: the planned action that makes an enrollment; systems take it as it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fleet.device.device import Device
from fleet.state.action_kind import ActionKind


@dataclass(frozen=True)
class Enroll:
    """Make one enrollment for `devices`, admitting `capacity` of them until `expires_at`.

    With `asked_before`, it was asked for then, its outcome is unknown, and the system does not show
    it: the same enrollment is asked for once more, with the same fingerprint.
    """

    kind: ClassVar[ActionKind] = ActionKind.ENROLL
    devices: tuple[Device, ...]
    capacity: int
    expires_at: datetime
    asked_before: datetime | None = None

    @property
    def again(self) -> bool:
        """Whether it was asked for before."""
        return self.asked_before is not None
