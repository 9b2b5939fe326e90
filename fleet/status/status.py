"""A standing: where one device stands, why, and what should be done about it next."""

from dataclasses import dataclass

from fleet.action.action import Approve, Confirm, Hold, Reject, Retry
from fleet.device.device import Device
from fleet.device.request import Request
from fleet.state.device_state import State
from fleet.state.memory import EnrollmentRecord


@dataclass(frozen=True)
class DeviceStatus:
    """One device's state, the reason in plain words, the request it rests on, and the next act.

    `needs_enrollment` asks for an enrolment; `unanswered` is one already asked for whose outcome
    nobody knows. `holds` are requests in this device's name that wait for a person.
    """

    device: Device
    state: State
    reason: str
    request: Request | None = None
    action: Approve | Reject | Retry | Confirm | None = None
    needs_enrollment: bool = False
    unanswered: EnrollmentRecord | None = None
    holds: tuple[Hold, ...] = ()

    @property
    def has_converged(self) -> bool:
        """Whether waiting longer would change nothing."""
        return self.state.record.is_final and self.action is None and not self.needs_enrollment
