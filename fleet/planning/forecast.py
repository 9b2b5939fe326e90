"""A forecast: how long a quota makes a run take, and in which waves no code expires unused."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from fleet.admission.desired import Desired
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.system.profile import SystemProfile
from fleet.system.quota import Quota, Usage

SAFETY = 4  # a wave may take this part of a code's life, whatever else spends the quota meanwhile


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a quota means for what is still to be done.

    `outlived` are the devices whose codes would expire before their turn if all were enrolled
    first; `waves` is how many are enrolled at a time instead, so that none does. `others` is how
    many calls other runs made in the quota's present window, and are taken to make in each.
    """

    system: str
    quota: Quota
    calls: int
    others: int
    lasts: timedelta
    waves: tuple[int, ...]
    outlived: tuple[str, ...]


def forecast(
    desired: Desired, assessment: Assessment, usage: Usage | None = None
) -> Forecast | None:
    """The forecast for what `assessment` leaves to be done; None without quota or work.

    `usage` is what the quota's present window has seen already.
    """
    system_profile = desired.system_profile
    new = [s.device.name for s in assessment.statuses if s.needs_enrollment]
    open_ = sum(1 for s in assessment.statuses if s.action and s.state is State.WAITING)
    shared = system_profile.shares_enrollments and bool(new)
    enroll = system_profile.enroll_calls * (1 if shared else len(new))
    calls = enroll + system_profile.admit_calls * (len(new) + open_)
    if system_profile.quota is None or not calls:
        return None
    size = wave(system_profile)
    waves = _waves(len(new), size) if new and not shared else ()
    observations = system_profile.observe_calls * (2 + 2 * len(waves))
    observations += _rechecks(system_profile, len(new) + open_)
    used = usage or Usage()
    return Forecast(
        system=system_profile.system,
        quota=system_profile.quota,
        calls=calls + observations,
        others=used.others,
        lasts=_lasts(system_profile.quota, calls + observations, used),
        waves=waves,
        outlived=tuple(name for i, name in enumerate(new) if _outlives(system_profile, i, len(new)))
        if waves
        else (),
    )


def _rechecks(system_profile: SystemProfile, approvals: int) -> int:
    """The calls that list requests once more before so many approvals, as many as fit a window."""
    each = system_profile.recheck_calls
    if not each or system_profile.quota is None:
        return 0
    at_once = max(1, (system_profile.quota.calls - each) // max(1, system_profile.admit_calls))
    return each * -(-approvals // at_once)


def wave(system_profile: SystemProfile) -> int | None:
    """How many codes may be open at a time, so that each is used long before it expires."""
    if (
        system_profile.quota is None
        or system_profile.code_life is None
        or system_profile.shares_enrollments
    ):
        return None
    cost = system_profile.quota.interval * (
        system_profile.enroll_calls + system_profile.admit_calls
    )
    return max(1, int(system_profile.code_life / SAFETY / cost))


def room(desired: Desired, assessment: Assessment) -> int | None:
    """How many enrollments may be made now; those whose codes are not used yet count."""
    size = wave(desired.system_profile)
    if size is None:
        return None
    enrolled = sum(1 for s in assessment.statuses if s.state is State.WAITING)
    return max(0, size - enrolled)


def lifetimes(system_profile: SystemProfile, number: int, size: int) -> list[timedelta]:
    """How long each of `number` codes lives until it is used, when `size` are made at a time."""
    lives: list[timedelta] = []
    bounds = [*range(0, number, size), number]
    for start, end in pairwise(bounds):
        lives += [_life(system_profile, i, end - start) for i in range(end - start)]
    return lives


def _outlives(system_profile: SystemProfile, index: int, number: int) -> bool:
    return (
        system_profile.code_life is not None
        and _life(system_profile, index, number) >= system_profile.code_life
    )


def _life(system_profile: SystemProfile, index: int, number: int) -> timedelta:
    """How long the code of the device at `index` lives before its turn, in a wave of `number`."""
    made = (index + 1) * system_profile.enroll_calls
    used = (
        number * system_profile.enroll_calls
        + system_profile.observe_calls
        + (index + 1) * system_profile.admit_calls
    )
    return _reached(system_profile, used) - _reached(system_profile, made)


def _lasts(quota: Quota, calls: int, used: Usage) -> timedelta:
    """How long so many calls take, when other runs go on as they did in the present window."""
    now = max(0, quota.calls - used.own - used.others)
    in_each = max(1, quota.calls - used.others)
    return quota.window * -(-max(0, calls - now) // in_each)


def _reached(system_profile: SystemProfile, calls: int) -> timedelta:
    """When the last of so many calls may be made, with a quota of which nothing is used yet."""
    if system_profile.quota is None:
        return timedelta()
    return system_profile.quota.window * ((calls - 1) // system_profile.quota.calls)


def _waves(number: int, size: int | None) -> tuple[int, ...]:
    if size is None:
        return (number,)
    whole, rest = divmod(number, size)
    return (size,) * whole + ((rest,) if rest else ())
