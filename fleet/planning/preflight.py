"""The preflight: what makes a run impossible as asked, found before anything is done."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from fleet.admission.desired import Desired
from fleet.planning.assess import Assessment
from fleet.planning.plan import find_existing
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.state.verdict import Decision
from fleet.status.admission_model import model_of
from fleet.text.expected import ExpectedError

SHORTEST_LIFE = timedelta(minutes=5)


class ImpossibleRun(ExpectedError):
    """The run cannot do what it was asked; the message names every obstacle and its remedy."""


def check(
    desired: Desired, observed: Observation, memory: Memory, assessment: Assessment, now: datetime
) -> None:
    """Raise ImpossibleRun when what is desired cannot be had; nothing was done yet."""
    obstacles = [*_codes_of_others(desired, observed, memory)]
    obstacles += _obstacles(desired, observed, assessment, now)
    if obstacles:
        raise ImpossibleRun("\n".join(obstacles))


def check_expiry(expires_at: datetime, now: datetime) -> None:
    """Raise ImpossibleRun for an expiry that is not in the future."""
    if expires_at <= now:
        raise ImpossibleRun(
            f"The expiry {expires_at:%Y-%m-%d %H:%M} UTC is in the past, so no device could use "
            "the code. Give a time in the future."
        )
    if expires_at < now + SHORTEST_LIFE:
        raise ImpossibleRun(
            f"The expiry {expires_at:%Y-%m-%d %H:%M} UTC is less than five minutes away, too soon "
            "for a device to use the code. Give a later time."
        )


def _obstacles(
    desired: Desired, observed: Observation, assessment: Assessment, now: datetime
) -> Iterator[str]:
    needing = [s for s in assessment.statuses if s.needs_enrollment and not s.unanswered]
    need = sum(1 for s in needing if s.device.identity)
    profile = desired.system_profile
    undecidable = model_of(profile).undecidable(profile)
    if undecidable and desired.decision is Decision.REJECT:
        yield (
            f"{undecidable}, so there is nothing to reject. "
            "To take a device out of service, retire it."
        )
    if need and desired.existing:
        yield from _existing_obstacles(desired, need, observed, now + observed.skew)
    elif desired.capacity is not None and desired.capacity < need:
        yield (
            f"The {profile.enrollment} would admit {desired.capacity} devices (deviceCount), but "
            f"{need} devices of the roster need it. Give {need} or more, or 0 for what is needed."
        )
    for name in sorted({d.zero_touch for d in desired.devices if d.zero_touch}):
        if profile.has_zero_touch and observed.profile(name) is None:
            yield (
                f"There is no zero-touch profile {name!r} in {profile.system}, or it has not been "
                "generated yet. Correct the column zero_touch, or make the profile there."
            )


def _codes_of_others(desired: Desired, observed: Observation, memory: Memory) -> Iterator[str]:
    """A code that another site's devices ask by: this site's policy and people are not theirs."""
    for each in find_existing(observed, desired.existing or ""):
        if other := memory.other_codes.get(each.id):
            yield (
                f"The {desired.system_profile.enrollment} whose code ends in {each.ending} is that "
                f"of site {other}. Leave it empty for a code of {desired.site}, or onboard these "
                f"devices for {other}."
            )


def _existing_obstacles(
    desired: Desired, need: int, observed: Observation, now: datetime
) -> Iterator[str]:
    ending, profile = desired.existing or "", desired.system_profile
    noun = profile.enrollment
    found = find_existing(observed, ending)
    if len({e.id for e in found}) != 1:
        many = "More than one" if found else "No"
        yield (
            f"{many} {noun} has a code ending in {ending[-5:]!r}. "
            f"Give the last five characters of the code as {profile.system} shows it."
        )
        return
    enrollment = found[0]
    if now >= enrollment.expires_at:
        yield (
            f"The {noun} whose code ends in {enrollment.ending} expired at "
            f"{enrollment.expires_at:%Y-%m-%d %H:%M} UTC. Name another, or leave it empty."
        )
    if enrollment.free < need:
        yield (
            f"The {noun} whose code ends in {enrollment.ending} admits "
            f"{enrollment.capacity} devices (deviceCount) and {enrollment.used} of them are used, "
            f"but {need} devices of the roster need it. Make a larger one, or leave it empty."
        )
