"""A manner: how one kind of system brings devices in, and what it calls the steps."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from fleet.system.quota import Quota


class Admission(StrEnum):
    """The admission model that a system has; `planning.admission_model` says what it means."""

    BY_APPROVAL = "by approval"  # devices ask, and each request is decided
    BY_CODE = "by code"  # a code is exchanged for the device's key


@dataclass(frozen=True, slots=True)
class Manner:
    """What planning and telling must know of a system, beside what a look shows.

    `system` and `enrolment` are its nouns; `enrol` and `admit` are what a person calls the two
    acts, and read well before a device's name; `enrol_phrase` is the former on its own.
    `admission` names its admission model. Where that is by code, key and code are told once;
    `lost_key_mend` is what helps when the key was lost. `can_adopt`: an enrolment that somebody
    else made can be used. `code_life` is how long a code lives where that cannot be chosen.
    `enrol_calls`, `admit_calls` and `look_calls` are what each costs of its `quota`.
    """

    system: str
    enrolment: str
    enrol: str
    enrol_phrase: str
    admit: str
    admission: Admission = Admission.BY_APPROVAL
    shares_enrolments: bool = True
    can_adopt: bool = False
    device_may_activate: bool = False
    needs_host_id: bool = False
    has_zero_touch: bool = False
    code_life: timedelta | None = None
    lost_key_mend: str = ""
    enrol_calls: int = 1
    admit_calls: int = 1
    look_calls: int = 1
    quota: Quota | None = None
    concurrency: int = 16
