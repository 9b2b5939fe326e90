"""The status of one device: its state, why it is in it, and what should be done next."""

from dataclasses import dataclass

from fleet.action.action import Approve, Confirm, Hold, Reject, Retry
from fleet.device.device import Device
from fleet.device.request import Request
from fleet.state.device_state import State
from fleet.state.memory import EnrollmentRecord
from fleet.state.reason_code import ReasonCode


@dataclass(frozen=True)
class DeviceStatus:
    """One device's state, why, the request that shows it, and the next action.

    For example edge-042 is *waiting* as `not_asked`: "has not asked yet; boot it with …".
    `needs_enrollment` asks for an enrollment; `unanswered` is one that was asked for and whose
    outcome nobody knows. `holds` are requests in this device's name that wait for a person.
    """

    device: Device
    state: State
    code: ReasonCode
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
