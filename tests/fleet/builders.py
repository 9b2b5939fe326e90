"""Builders: short words for the nouns of the fleet, with defaults that change no verdict."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from fleet.admission.desired import Desired
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.planning.assess import Assessment, assess
from fleet.state.memory import EnrollmentRecord, Memory, Remembered
from fleet.state.observation import Observation
from fleet.status.limits import Limits
from fleet.status.status import DeviceStatus
from fleet.system.profile import SystemProfile

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EXPIRY = NOW + timedelta(days=7)
HOUR = timedelta(hours=1)
CODE = "config-1"
ASKED = SystemProfile(
    system="LEM",
    enrollment="activation config",
    enroll="create activation config for",
    enroll_phrase="create activation config",
    admit="approve",
    can_adopt=True,
    has_zero_touch=True,
)


def mac(number: int) -> str:
    return f"02:00:00:00:01:{number:02x}"


def a_device(name: str = "edge-1", *, macs: Iterable[str] = (mac(1),), **more: Any) -> Device:
    return Device(name=name, macs=tuple(macs), **more)


def a_request(
    id: str = "1",  # noqa: A002  # the request's own word
    *,
    macs: Iterable[str] = (mac(1),),
    host_id: str | None = None,
    code: str = CODE,
    progress: Progress = Progress.WAITING,
    **more: Any,
) -> Request:
    return Request(id, code, Identity(host_id, frozenset(macs)), progress, **more)


def an_enrollment(id: str = CODE, **more: Any) -> Enrollment:  # noqa: A002
    return Enrollment(**({"id": id, "ending": "AB12C", "expires_at": EXPIRY, "capacity": 5} | more))


def an_enrollment_record(enrollment_id: str | None = CODE, **more: Any) -> EnrollmentRecord:
    return EnrollmentRecord(
        **(
            {"wanted_expiry": EXPIRY, "made_at": NOW - HOUR, "capacity": 5}
            | more
            | {"enrollment_id": enrollment_id}
        )
    )


def an_own_enrollment_record(enrollment_id: str | None = CODE, **more: Any) -> EnrollmentRecord:
    """An enrollment record of the kind that is made for one device alone."""
    return an_enrollment_record(enrollment_id, capacity=1, **more)


def enrolled(**more: Any) -> Remembered:
    return Remembered(**({"enrollments": (an_enrollment_record(),)} | more))


def wanted(*devices: Device, **more: Any) -> Desired:
    own = {"site": "plant-7", "devices": devices, "expires_at": EXPIRY, "system_profile": ASKED}
    return Desired(**(own | more))


def remembering(*names: str, held: Iterable[tuple[str, str]] = (), **more: Any) -> Memory:
    """A memory in which each of `names` was enrolled by CODE, and `more` was done for each."""
    return Memory({n: enrolled(**more) for n in names}, frozenset(held), frozenset({CODE}))


def shown(*requests: Request, present: Iterable[str] = (), **more: Any) -> Observation:
    """An observation with one usable enrollment, `requests`, and the devices `present`."""
    enrollments = more.get("enrollments", (an_enrollment(),))
    return Observation(tuple(enrollments), requests, frozenset(present))


def assessed(
    desired: Desired,
    observed: Observation,
    memory: Memory,
    limits: Limits | None = None,
    now: datetime = NOW,
) -> Assessment:
    return assess(desired, observed, memory, limits or Limits(), now)


def status_of(
    device: Device,
    observed: Observation,
    memory: Memory,
    limits: Limits | None = None,
    now: datetime = NOW,
    **more: Any,
) -> DeviceStatus:
    """The status of `device` when it is the only one that is wanted."""
    return assessed(wanted(device, **more), observed, memory, limits, now).statuses[0]
