"""A story: what our own record has of one device, in order of time, and how its systems show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.device.enrollment import Enrollment
from fleet.device.handover import Taking
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.pipeline_step import PipelineStep
from fleet.state.record import DeviceRecord
from fleet.status.status import DeviceStatus
from fleet.system.profile import SystemProfile

NEVER = 9000  # years from this on stand for "it does not expire"


@dataclass(frozen=True, slots=True)
class Home:
    """One system that our record knows the device in, its last status there, and why."""

    record: DeviceRecord
    reason: str


@dataclass(frozen=True, slots=True)
class Reached:
    """It reached a stage; `at` is its system's own time, or ours of what we confirmed."""

    at: datetime
    place: str
    stage: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrollment for so many devices was made; unless `is_known`, perhaps not."""

    at: datetime
    place: str
    capacity: int
    is_known: bool = True
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """An action was planned and tried in a run; `outcome` None: unknown."""

    at: datetime
    place: str
    run: str
    action: ActionKind
    reason: str
    outcome: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A request was held for a person; `hostname` and `identity` are what it said of itself.

    Unless `is_own`, it matches no device, and only has the hostname of this one.
    """

    at: datetime
    place: str
    request: str
    reason: str
    hostname: str = ""
    identity: str = ""
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Decided:
    """Something was decided on a request; `differs` is what was not as it was expected.

    `proved_at` is the time of the digits of a person who is enrolled.
    """

    at: datetime
    place: str
    number: int
    request: str
    decision: str
    by: str
    how: str
    reason: str
    quorum: int = 1
    differs: tuple[str, ...] = ()
    proved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A request was put before people until a deadline; `closed_as` says how that ended."""

    at: datetime
    place: str
    request: str
    reason: str
    deadline: datetime
    names_needed: int = 1
    closed_at: datetime | None = None
    closed_as: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Nights found something wrong with it, from `at` to `last_seen`, and did so much about it."""

    at: datetime
    place: str
    kind: FindingKind
    reason: str
    last_seen: datetime
    actions: int = 0
    last_action_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A secret of that kind is held, sealed, since `at`, and who took it; never what it is."""

    at: datetime
    place: str
    kind: str
    expires_at: datetime | None = None
    takings: tuple[Taking, ...] = ()


Event = Reached | Enrolled | Tried | Held | Decided | Reviewed | Found | Received


@dataclass(frozen=True, slots=True)
class AtWork:
    """A run that has claimed the device, and until when unless it renews that."""

    run: str
    until: datetime


@dataclass(frozen=True)
class Story:
    """All of it, over all systems: where it is at home, and its events in order of time."""

    site: str
    device: str
    homes: tuple[Home, ...] = ()
    events: tuple[Event, ...] = ()
    at_work: tuple[AtWork, ...] = ()

    def secrets(self, place: str) -> list[Received]:
        """What is held of its secrets at a place, oldest first."""
        return [e for e in self.events if isinstance(e, Received) and e.place == place]

    def found(self, place: str, kind: FindingKind) -> Found | None:
        """What nights know of that, as long as it lasts."""
        lasting = (e for e in self.events if isinstance(e, Found) and e.ended_at is None)
        return next((e for e in lasting if e.place == place and e.kind is kind), None)

    def review_until(self, place: str, now: datetime) -> datetime | None:
        """Until when people are asked about a request of its; None when no review is open."""
        asked = (e for e in self.events if isinstance(e, Reviewed) and e.place == place)
        open_ = [e.deadline for e in asked if e.closed_at is None and e.deadline > now]
        return max(open_, default=None)


@dataclass(frozen=True)
class DeviceObservation:
    """The device at one place: as our record has it, and as it was observed at `observed`.

    `not_checked` says why it could not be observed. `findings` are what a night would find by now,
    also what is too recent to be reported. `enrollment` is that by which it may ask. `is_watched`
    says that a device of its site is on its way there, so that the frequent runs observe it;
    `next_run` when the next one does, where that is known. `step` is where the pipeline has it, and
    `modules` are the files to open for that; None where no run manages it.
    """

    place: str
    connection: str
    home: Home | None = None
    not_checked: str = ""
    observed: datetime | None = None
    status: DeviceStatus | None = None
    system_profile: SystemProfile | None = None
    findings: Sequence[Finding] = ()
    enrollment: Enrollment | None = None
    is_serving: bool = False
    is_watched: bool = False
    next_run: datetime | None = None
    step: PipelineStep | None = None
    modules: Sequence[str] = ()

    @property
    def is_listed(self) -> bool:
        """Whether the last roster of its site names it there."""
        return self.home is not None and self.home.record.is_listed

    @property
    def is_retired(self) -> bool:
        """Whether it was taken out of service on purpose."""
        return self.home is not None and self.home.record.state is State.RETIRED

    @property
    def finding(self) -> Finding | None:
        """What is wrong with the device itself, and not with a request beside its own."""
        name = self.status.device.name if self.status else ""
        return next((each for each in self.findings if each.subject == name), None)
