"""A case: one device and everything that bears on its status.

For example edge-042 of plant-7, the two requests that show its MAC, and what was done for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fleet.action.action import Hold
from fleet.admission.desired import Desired
from fleet.admission.evidence import Evidence
from fleet.admission.suspicion import SuspicionKind
from fleet.device.device import Device
from fleet.device.request import Progress, Request
from fleet.state.device_state import State
from fleet.state.memory import Remembered
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from fleet.status.limits import Limits
from fleet.status.status import DeviceStatus
from fleet.system.clock import clocks_differ
from fleet.system.profile import SystemProfile


@dataclass(frozen=True)
class Case:
    """One device and everything that bears on it; `requests` are its own, oldest first.

    `strays` are its own by the record alone; `owners` name the devices as which requests were
    admitted that show this one's identity, by their key.
    """

    device: Device
    requests: tuple[Request, ...]
    remembered: Remembered
    desired: Desired
    observed: Observation
    evidence: Mapping[str, Evidence]  # by request key, of those that wait
    decisions: Mapping[tuple[str, str], Verdict]
    limits: Limits
    now: datetime
    strays: tuple[Request, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def profile(self) -> SystemProfile:
        """The profile of the device's system."""
        return self.desired.system_profile

    @property
    def there(self) -> datetime:
        """The time by the system's own clock, by which its codes expire."""
        return self.now + self.observed.skew

    @property
    def clocks_differ(self) -> str:
        """How far the system's clock is from ours, in words; "" when they agree."""
        return clocks_differ(self.profile.system, self.observed.skew)

    @property
    def admitted(self) -> list[Request]:
        """The device's requests that were approved, however that ended."""
        return [request for request in self.requests if request.is_admitted]

    @property
    def pending(self) -> list[Request]:
        """The device's requests that are not decided in its system yet."""
        return [request for request in self.requests if request.progress is Progress.WAITING]

    def verdict(self, request: Request) -> Verdict:
        """What is to become of a pending request: what a person decided, else the policy."""
        return verdict(self.evidence[request.key], self.desired, self.decisions)

    def hold(self, request: Request, verdict: Verdict) -> Hold:
        """The request, held for that reason."""
        evidence = self.evidence.get(request.key)
        return Hold(request, verdict.code, verdict.reason, self.device, evidence, verdict.would)

    def status(
        self, state: State, code: ReasonCode, reason: str, request: Request | None = None
    ) -> DeviceStatus:
        """The status of this case's device."""
        return DeviceStatus(self.device, state, code, reason, request)


def last_error(answer: str) -> str:
    """Which error the last call met, as the end of a reason; "" if none."""
    return f". The last call failed: {answer}" if answer else ""


def verdict(
    evidence: Evidence, desired: Desired, decisions: Mapping[tuple[str, str], Verdict]
) -> Verdict:
    """What a person decided on a request that has not changed since; else what the policy says.

    It may have come to light since that it belongs to another site: then nobody here admits it.
    """
    decision = decisions and decisions.get((evidence.request_key, evidence.fingerprint))
    is_barred = evidence.suspected_of(SuspicionKind.WRONG_SITE)
    if not decision or (is_barred and decision.decision is Decision.APPROVE):
        return desired.judge(evidence)
    return decision
