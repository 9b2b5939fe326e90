"""Actions: the side effects that a plan may ask for, one class each."""

from dataclasses import dataclass
from datetime import datetime

from fleet.device import Device
from fleet.request import Request


@dataclass(frozen=True)
class Enrol:
    """Make one enrolment for `devices`, admitting `capacity` of them until `expires_at`.

    `again` marks an intent whose outcome is unknown and which the system does not show: the same
    enrolment is asked for once more, under the same mark.
    """

    devices: tuple[Device, ...]
    capacity: int
    expires_at: datetime
    again: bool = False


@dataclass(frozen=True)
class Adopt:
    """Remember that `devices` ask by an enrolment which exists already."""

    devices: tuple[Device, ...]
    enrolment_id: str


@dataclass(frozen=True)
class Approve:
    """Let in the device behind `request`."""

    device: Device
    request: Request
    reason: str


@dataclass(frozen=True)
class Reject:
    """Turn away the device behind `request`."""

    device: Device
    request: Request
    reason: str


@dataclass(frozen=True)
class Retry:
    """Run the failed provisioning of `request` again."""

    device: Device
    request: Request
    reason: str


@dataclass(frozen=True)
class Confirm:
    """Record that `device` is in service as `request.device_id`."""

    device: Device
    request: Request


@dataclass(frozen=True)
class Hold:
    """Record that `request` waits for a person, and why."""

    request: Request
    reason: str
    device: Device | None = None


Action = Enrol | Adopt | Approve | Reject | Retry | Confirm | Hold
