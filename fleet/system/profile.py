"""A system profile: how one kind of system admits devices, and what its steps are called."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from fleet.system.quota import Quota


class Admission(StrEnum):
    """The admission model of a system; `fleet.status` has one module for each."""

    BY_APPROVAL = "by approval"  # devices ask, and each request is decided
    BY_CODE = "by code"  # a code is exchanged for the device's key


@dataclass(frozen=True, slots=True)
class SystemProfile:
    """What plans and reports must know of a system, besides what an observation shows.

    `system` and `enrollment` are its nouns; `enroll` and `admit` are what a person calls the two
    actions, and read well before a device's name; `enroll_phrase` is the former on its own.
    `admission` names its admission model. Where that is by code, key and code are shown only once;
    `lost_key_remedy` is what helps when the key was lost. `can_adopt`: an enrollment that somebody
    else made can be used. `code_life` is how long a code lives where that cannot be chosen.
    `enroll_calls`, `admit_calls` and `observe_calls` are what each costs of its `quota`, and
    `recheck_calls` what it costs to list the requests once more, right before they are approved; 0
    where devices do not ask.
    """

    system: str
    enrollment: str
    enroll: str
    enroll_phrase: str
    admit: str
    admission: Admission = Admission.BY_APPROVAL
    shares_enrollments: bool = True
    can_adopt: bool = False
    device_may_activate: bool = False
    needs_host_id: bool = False
    has_zero_touch: bool = False
    code_life: timedelta | None = None
    lost_key_remedy: str = ""
    enroll_calls: int = 1
    admit_calls: int = 1
    observe_calls: int = 1
    recheck_calls: int = 0
    quota: Quota | None = None
    concurrency: int = 16
