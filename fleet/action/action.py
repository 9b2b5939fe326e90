"""Actions: the side effects that a plan may ask for, one class each.

`kind` is its code in the journal, whatever the system; people read its system's words.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from fleet.admission.evidence import Evidence
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.request import Request
from fleet.state.action_kind import ActionKind
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.system.enroll import Enroll


@dataclass(frozen=True)
class Adopt:
    """Remember that `devices` ask by an enrollment that exists already."""

    kind: ClassVar[ActionKind] = ActionKind.ADOPT
    devices: tuple[Device, ...]
    enrollment: Enrollment


@dataclass(frozen=True)
class Approve:
    """Admit the device behind `request`; `evidence` is to be recorded, where a rule decided."""

    kind: ClassVar[ActionKind] = ActionKind.APPROVE
    device: Device
    request: Request
    reason: str
    evidence: Evidence | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Reject:
    """Reject `request`; its device may be none of the roster's.

    `evidence` is to be recorded, where no person decided; `is_by_night_rules`: they decided.
    """

    kind: ClassVar[ActionKind] = ActionKind.REJECT
    device: Device | None
    request: Request
    reason: str
    evidence: Evidence | None = field(default=None, compare=False)
    is_by_night_rules: bool = False


@dataclass(frozen=True)
class Retry:
    """Run the failed provisioning of `request` again."""

    kind: ClassVar[ActionKind] = ActionKind.RETRY
    device: Device
    request: Request
    reason: str


@dataclass(frozen=True)
class Confirm:
    """Record that `device` is in service as `request.device_id`."""

    kind: ClassVar[ActionKind] = ActionKind.CONFIRM
    device: Device
    request: Request


@dataclass(frozen=True)
class Hold:
    """Record that `request` waits for a person, and why.

    `would` is what a policy in shadow mode would have decided. Without `evidence` there is
    nothing that a person could decide in Muster.
    """

    kind: ClassVar[ActionKind] = ActionKind.HOLD
    request: Request
    code: ReasonCode
    reason: str
    device: Device | None = None
    evidence: Evidence | None = field(default=None, compare=False)
    would: Decision | None = None


@dataclass(frozen=True)
class Retire:
    """Take out of service the device behind `request`."""

    kind: ClassVar[ActionKind] = ActionKind.RETIRE
    device: Device
    request: Request
    reason: str


@dataclass(frozen=True)
class Rotate:
    """Replace the key of the device behind `request`."""

    kind: ClassVar[ActionKind] = ActionKind.ROTATE
    device: Device
    request: Request
    reason: str


Action = Enroll | Adopt | Approve | Reject | Retry | Confirm | Hold
