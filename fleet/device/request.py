"""A request: a device asks to be admitted; in the fleet's words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.device.identity import Identity


class Progress(StrEnum):
    """How far a request has come, whatever its system calls that."""

    WAITING = "waiting"
    PROVISIONING = "provisioning"
    FAILED = "failed"
    PROVISIONED = "provisioned"
    REJECTED = "rejected"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a system's own step log."""

    name: str
    status: str
    at: datetime | None = None


@dataclass(frozen=True)
class Request:
    """A device that asks, by the code of `enrollment_id`, to be admitted.

    `status` is the system's own word; `message` its own reason, if it gave one. `device_id` is the
    system's id of the device once it has one. `device` names the device, where the system knows it
    by the name that we gave it. `key_held` says whether our ledger holds the key that the system
    shows only once; None where there is no such key; `key_may_be_replaced` why a newer one may have
    replaced that, which nobody can see. `hardware` and `version` (of its software) are what
    the device says of itself. `site` is the site that its system names, if it names one.
    """

    id: str
    enrollment_id: str
    identity: Identity
    progress: Progress
    status: str = ""
    hostname: str = ""
    message: str = ""
    device_id: str | None = None
    asked_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    device: str | None = None
    key_held: bool | None = None
    key_may_be_replaced: str = ""
    hardware: str = ""
    version: str = ""
    site: str | None = None

    @property
    def is_admitted(self) -> bool:
        """Whether it was approved, by whomever and however that ended."""
        return self.progress in {Progress.PROVISIONING, Progress.FAILED, Progress.PROVISIONED}

    @property
    def key(self) -> str:
        """What names this request alone, even where a system reuses its ids."""
        return f"{self.id}/{self.enrollment_id}"

    @property
    def age(self) -> tuple[int, str]:
        """Sort key: the later a request was made, the larger. Ids are numbers in most systems."""
        return (int(self.id) if self.id.isdecimal() else 0, self.id)


def enrollment_of(key: str) -> str:
    """The enrollment by which the request of this key asked: "12/config-1" by config-1."""
    return key.partition("/")[2]
