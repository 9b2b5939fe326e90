"""Actions: the side effects that a plan may ask for, one class each.

`word` is what the journal calls the act, whatever the system; a person reads its manner's words.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from fleet.device import Device
from fleet.enrolment import Enrolment
from fleet.evidence import Evidence
from fleet.request import Request
from fleet.verdict import Decision


@dataclass(frozen=True)
class Enrol:
    """Make one enrolment for `devices`, admitting `capacity` of them until `expires_at`.

    With `asked_before`, it was asked for then, its outcome is unknown, and the system does not show
    it: the same enrolment is asked for once more, under the same mark.
    """

    word: ClassVar[str] = "enrol"
    devices: tuple[Device, ...]
    capacity: int
    expires_at: datetime
    asked_before: datetime | None = None

    @property
    def again(self) -> bool:
        """Whether it was asked for before."""
        return self.asked_before is not None


@dataclass(frozen=True)
class Adopt:
    """Remember that `devices` ask by an enrolment which exists already."""

    word: ClassVar[str] = "adopt"
    devices: tuple[Device, ...]
    enrolment: Enrolment


@dataclass(frozen=True)
class Approve:
    """Let in the device behind `request`; `evidence` is to be recorded, where a rule decided."""

    word: ClassVar[str] = "approve"
    device: Device
    request: Request
    reason: str
    evidence: Evidence | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Reject:
    """Turn away the device behind `request`, which may be none of the roster's.

    `evidence` is to be recorded, where no person decided.
    """

    word: ClassVar[str] = "reject"
    device: Device | None
    request: Request
    reason: str
    evidence: Evidence | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Retry:
    """Run the failed provisioning of `request` again."""

    word: ClassVar[str] = "retry failed provisioning of"
    device: Device
    request: Request
    reason: str


@dataclass(frozen=True)
class Confirm:
    """Record that `device` is in service as `request.device_id`."""

    word: ClassVar[str] = "confirm"
    device: Device
    request: Request


@dataclass(frozen=True)
class Hold:
    """Record that `request` waits for a person, and why.

    `would` is what a policy in shadow mode would have decided. Without `evidence` there is
    nothing that a person could decide in Muster.
    """

    word: ClassVar[str] = "hold"
    request: Request
    reason: str
    device: Device | None = None
    evidence: Evidence | None = field(default=None, compare=False)
    would: Decision | None = None


@dataclass(frozen=True)
class Retire:
    """Take out of service the device behind `request`."""

    word: ClassVar[str] = "retire"
    device: Device
    request: Request
    reason: str


@dataclass(frozen=True)
class Rotate:
    """Replace the key of the device behind `request`."""

    word: ClassVar[str] = "rotate token of"
    device: Device
    request: Request
    reason: str


Action = Enrol | Adopt | Approve | Reject | Retry | Confirm | Hold
