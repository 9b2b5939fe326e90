"""A manner: how one kind of system brings devices in, and what it calls the steps."""

from dataclasses import dataclass
from datetime import timedelta

from fleet.quota import Quota


@dataclass(frozen=True, slots=True)
class Manner:
    """What planning and telling must know of a system, beside what a look shows.

    `system` and `enrolment` are its nouns; `enrol` and `admit` are what a person calls the two
    acts, and read well before a device's name. Where it `exchanges`, an enrolment's code is given
    in return for the device's key and nothing is decided at a door; `told_once` says that key and
    code are never shown again. `code_life` is how long a code lives where that cannot be chosen.
    `enrol_calls`, `admit_calls` and `look_calls` are what each costs of its `quota`.
    """

    system: str
    enrolment: str
    enrol: str
    admit: str
    exchanges: bool = False
    shares_enrolments: bool = True
    device_may_activate: bool = False
    needs_host_id: bool = False
    has_zero_touch: bool = False
    code_life: timedelta | None = None
    enrol_calls: int = 1
    admit_calls: int = 1
    look_calls: int = 1
    quota: Quota | None = None
    concurrency: int = 16
