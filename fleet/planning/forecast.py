"""A forecast: how long a quota makes a run take, and in which waves no code expires unused."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from fleet.admission.desired import Desired
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.system.profile import Manner

SAFETY = 4  # a wave may take this part of a code's life, whatever else spends the quota meanwhile


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a quota means for what is still to be done.

    `outlived` are the devices whose codes would expire before their turn if all were enrolled
    first; `waves` is how many are enrolled at a time instead, so that none does.
    """

    system: str
    quota: str
    calls: int
    lasts: timedelta
    waves: tuple[int, ...]
    outlived: tuple[str, ...]


def forecast(desired: Desired, assessment: Assessment) -> Forecast | None:
    """The forecast for what `assessment` leaves to be done; None without quota or work."""
    manner = desired.manner
    new = [s.device.name for s in assessment.standings if s.needs_enrolment]
    open_ = sum(1 for s in assessment.standings if s.act and s.state is State.WAITING)
    shared = manner.shares_enrolments and bool(new)
    enrol = manner.enrol_calls * (1 if shared else len(new))
    calls = enrol + manner.admit_calls * (len(new) + open_)
    if manner.quota is None or not calls:
        return None
    size = wave(manner)
    waves = _waves(len(new), size) if new and not shared else ()
    looks = manner.look_calls * (2 + 2 * len(waves))
    return Forecast(
        system=manner.system,
        quota=str(manner.quota),
        calls=calls + looks,
        lasts=_reached(manner, calls + looks),
        waves=waves,
        outlived=tuple(name for i, name in enumerate(new) if _outlives(manner, i, len(new)))
        if waves
        else (),
    )


def wave(manner: Manner) -> int | None:
    """How many codes may be open at a time, so that each is used long before it expires."""
    if manner.quota is None or manner.code_life is None or manner.shares_enrolments:
        return None
    cost = manner.quota.interval * (manner.enrol_calls + manner.admit_calls)
    return max(1, int(manner.code_life / SAFETY / cost))


def room(desired: Desired, assessment: Assessment) -> int | None:
    """How many enrolments may be made now, those of which the codes are still open counted."""
    size = wave(desired.manner)
    if size is None:
        return None
    enrolled = sum(1 for s in assessment.standings if s.state is State.WAITING)
    return max(0, size - enrolled)


def lifetimes(manner: Manner, number: int, size: int) -> list[timedelta]:
    """How long each of `number` codes lives until it is used, when `size` are made at a time."""
    lives: list[timedelta] = []
    bounds = [*range(0, number, size), number]
    for start, end in pairwise(bounds):
        lives += [_life(manner, i, end - start) for i in range(end - start)]
    return lives


def _outlives(manner: Manner, index: int, number: int) -> bool:
    return manner.code_life is not None and _life(manner, index, number) >= manner.code_life


def _life(manner: Manner, index: int, number: int) -> timedelta:
    """How long the code of the device at `index` lives before its turn, in a wave of `number`."""
    made = (index + 1) * manner.enrol_calls
    used = number * manner.enrol_calls + manner.look_calls + (index + 1) * manner.admit_calls
    return _reached(manner, used) - _reached(manner, made)


def _reached(manner: Manner, calls: int) -> timedelta:
    """When the last of so many calls may be made, counted from a quota that nobody has touched."""
    if manner.quota is None:
        return timedelta()
    return manner.quota.window * ((calls - 1) // manner.quota.calls)


def _waves(number: int, size: int | None) -> tuple[int, ...]:
    if size is None or number <= size:
        return (number,)
    whole, rest = divmod(number, size)
    return (size,) * whole + ((rest,) if rest else ())
