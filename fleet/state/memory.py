"""What the ledger remembers of a site, as far as planning needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from fleet.device.device import Device
from fleet.device.request import enrollment_of
from fleet.state.action_kind import ActionKind
from fleet.state.admitted import Admitted
from fleet.state.verdict import Verdict

Attempted = tuple[ActionKind, str]  # what was tried, and on which request
DECIDING = (ActionKind.APPROVE, ActionKind.REJECT)
ENROLLMENT: Attempted = (ActionKind.ENROLL, "")  # what was tried on no request
Named = tuple[str, str]  # a site and its device


@dataclass(frozen=True, slots=True)
class EnrollmentRecord:
    """An enrollment that we made (or meant to make) for devices.

    `enrollment_id` is None while it is unknown whether the system made it: the intent is recorded
    and its outcome is not. `answer` is the error of the call that left it unknown, if one came.
    `wanted_expiry` is the fingerprint by which it can be found. An `adopted` one was there before:
    somebody else made it. At `lost_at` it was asked for without an answer, before it was asked
    for again at `made_at`.
    """

    wanted_expiry: datetime
    made_at: datetime
    capacity: int
    enrollment_id: str | None = None
    adopted: bool = False
    answer: str = ""
    lost_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was done for one device before now; enrollments oldest first.

    Requests are named by their key. `pending` are those whose approval or rejection was asked for
    and not answered, and `answers` the errors that their calls met. `lost` are those whose key went
    to somebody else, or did not arrive; they are also `lost_before` where an earlier run saw that.
    `refused`, `retries` and `enrolled` (how many enrollments were made) are of this run alone:
    another run is started to try again. `admitted` is as whom the device was admitted last.
    """

    enrollments: tuple[EnrollmentRecord, ...] = ()
    approved: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refused: Mapping[Attempted, str] = field(default_factory=lambda: MappingProxyType({}))
    lost: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lost_before: frozenset[str] = frozenset()
    enrolled: int = 0
    retries: int = 0
    retried_at: datetime | None = None
    confirmed_as: str | None = None
    admitted: Admitted | None = None

    @property
    def enrollment_ids(self) -> frozenset[str]:
        """Every enrollment by which the device may ask."""
        return frozenset(g.enrollment_id for g in self.enrollments if g.enrollment_id)

    @property
    def admitted_keys(self) -> frozenset[str]:
        """The keys of the requests by which the device is admitted, or may be."""
        return frozenset({self.admitted.request_key}) if self.admitted else self.approved

    @property
    def admitted_ids(self) -> frozenset[str]:
        """The id that its system had for the device last, if any."""
        last = (self.admitted.device_id if self.admitted else None) or self.confirmed_as
        return frozenset({last} if last else ())

    def approved_by(self, enrollment_id: str) -> bool:
        """Whether a request by that enrollment was approved, whatever came of it."""
        return any(enrollment_of(key) == enrollment_id for key in self.approved)

    def was_decided(self, request_key: str) -> bool:
        """Whether a decision on the request was made or asked for, whatever came of it."""
        decided = self.approved | self.rejected | self.pending
        is_refused = self.refusal(request_key) is not None
        return is_refused or request_key in decided | self.lost.keys()

    def refusal(self, request_key: str) -> str | None:
        """Why a decision on the request was refused in this run; None when none was."""
        reasons = (self.refused.get((kind, request_key)) for kind in DECIDING)
        return next((reason for reason in reasons if reason is not None), None)


@dataclass(frozen=True)
class Memory:
    """What is remembered of a site.

    `devices` is by device name; `held` is (request key, reason); `enrollment_ids` are the site's.
    `known` is what the site's devices show of themselves, on whichever roster they are.
    `elsewhere` says whose a code or identity is at another site; that `on_rosters` is on one that
    is in force, and enrolled since then. `other_codes` are other sites' of those that could be
    adopted, by enrollment.
    `by_people` names the devices that people must approve, by what these show, at any site.
    `decisions` are people's, by the request's key and the digest of what it said then; `reviewed`
    are digests of what requests said of themselves when people reviewed them, by the request's key.
    """

    devices: Mapping[str, Remembered] = field(default_factory=dict)
    held: frozenset[tuple[str, str]] = frozenset()  # requests, by key and code of the reason
    enrollment_ids: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    on_rosters: Mapping[str, datetime | None] = field(default_factory=dict)
    other_codes: Mapping[str, str] = field(default_factory=dict)
    by_people: Mapping[str, frozenset[Named]] = field(default_factory=dict)
    decisions: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)
    reviewed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, name: str) -> Remembered:
        """What is remembered of the device `name`; nothing, for a new one."""
        return self.devices.get(name, Remembered())

    def for_device(self, device: Device) -> Remembered:
        """What is remembered of `device` and still counts.

        Where a line gives no identity, the code is the identity: then only enrollments made for
        one device alone count, and not a shared one from when the line still gave more.
        """
        past = self.of(device.name)
        if device.identity:
            return past
        return replace(past, enrollments=tuple(g for g in past.enrollments if g.capacity == 1))
