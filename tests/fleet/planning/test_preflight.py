from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest

from fleet.device.enrollment import Enrollment
from fleet.planning.preflight import SHORTEST_LIFE, ImpossibleRun, check, check_expiry
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.state.verdict import Decision
from tests.fleet.builders import (
    EXPIRY,
    HOUR,
    NOW,
    a_device,
    an_enrollment,
    an_enrollment_record,
    assessed,
    enrolled,
    mac,
    remembering,
    shown,
    wanted,
)
from tests.fleet.status.test_by_code import EXCHANGED

TWO = (a_device("edge-1"), a_device("edge-2", macs=[mac(2)]))
ZERO_TOUCH = a_device("edge-3", macs=[mac(3)], zero_touch="lab")


def obstacles(
    *devices: Any,
    enrollments: tuple[Enrollment, ...] = (),
    memory: Memory | None = None,
    **more: Any,
) -> str:
    desired, observed = wanted(*devices, **more), shown(enrollments=enrollments)
    assessment = assessed(desired, observed, memory or Memory())
    try:
        check(desired, observed, Memory(), assessment, NOW)
    except ImpossibleRun as error:
        return str(error)
    return ""


def test_a_run_that_can_have_what_it_asks_meets_no_obstacle() -> None:
    profile = an_enrollment("zt", profile="lab")

    assert obstacles(*TWO) == ""
    assert obstacles(*TWO, capacity=2) == ""
    assert obstacles(*TWO, existing="AB12C", enrollments=(an_enrollment(capacity=2),)) == ""
    assert obstacles(ZERO_TOUCH, enrollments=(profile,)) == ""


def test_a_capacity_below_the_need_is_an_obstacle() -> None:
    assert obstacles(*TWO, capacity=1) == (
        "The activation config would admit 1 devices (deviceCount), but 2 devices of the roster "
        "need it. Give 2 or more, or 0 for what is needed."
    )


def test_devices_with_a_code_of_their_own_or_an_unanswered_one_need_no_shared_capacity() -> None:
    unanswered = Memory({"edge-2": enrolled(enrollments=(an_enrollment_record(None),))})

    assert obstacles(a_device("edge-4", macs=[]), capacity=0) == ""
    assert obstacles(*TWO, capacity=1, memory=unanswered) == ""


def test_an_ending_that_no_code_has_is_an_obstacle() -> None:
    assert obstacles(*TWO, existing="ZZZZZ", enrollments=(an_enrollment(),)) == (
        "No activation config has a code ending in 'ZZZZZ'. "
        "Give the last five characters of the code as LEM shows it."
    )


def test_no_more_than_the_last_five_characters_of_a_code_are_reported() -> None:
    whole = "PLANT-EDCOD-E0000-00000-ZZZZZ"

    message = obstacles(*TWO, existing=whole, enrollments=(an_enrollment(),))

    assert message.startswith("No activation config has a code ending in 'ZZZZZ'. ")


def test_an_ending_that_two_codes_have_is_an_obstacle() -> None:
    both = (an_enrollment("a", ending="AB12C"), an_enrollment("b", ending="XY12C"))

    assert obstacles(*TWO, existing="12C", enrollments=both) == (
        "More than one activation config has a code ending in '12C'. "
        "Give the last five characters of the code as LEM shows it."
    )


def test_one_config_that_is_listed_twice_is_still_one() -> None:
    twice = (an_enrollment(), an_enrollment())

    assert obstacles(*TWO, existing="AB12C", enrollments=twice) == ""


def test_an_existing_config_that_has_expired_is_an_obstacle() -> None:
    expired = an_enrollment(expires_at=NOW)

    assert obstacles(*TWO, existing="AB12C", enrollments=(expired,)) == (
        "The activation config whose code ends in AB12C expired at 2026-03-02 09:00 UTC. "
        "Name another, or leave it empty."
    )


def test_an_existing_config_without_room_is_an_obstacle() -> None:
    nearly_full = an_enrollment(capacity=5, used=4)

    assert obstacles(*TWO, existing="AB12C", enrollments=(nearly_full,)) == (
        "The activation config whose code ends in AB12C admits 5 devices (deviceCount) and 4 of "
        "them are used, but 2 devices of the roster need it. Make a larger one, or leave it empty."
    )


def test_an_existing_config_that_nobody_needs_is_not_checked() -> None:
    everybody = remembering("edge-1", "edge-2")

    assert obstacles(*TWO, existing="gone", enrollments=(an_enrollment(),), memory=everybody) == ""


def test_a_zero_touch_profile_that_the_project_lacks_is_an_obstacle_reported_once() -> None:
    twin = a_device("edge-5", macs=[mac(5)], zero_touch="lab")

    assert obstacles(ZERO_TOUCH, twin) == (
        "There is no zero-touch profile 'lab' in LEM, or it has not been generated yet. "
        "Correct the column zero_touch, or make the profile there."
    )


def test_only_where_devices_ask_can_a_run_reject_them() -> None:
    assert obstacles(*TWO, decision=Decision.REJECT) == ""
    assert obstacles(*TWO, system_profile=EXCHANGED) == ""
    assert "nothing to reject" in obstacles(
        *TWO, system_profile=EXCHANGED, decision=Decision.REJECT
    )


def test_a_profile_is_missed_only_where_there_are_profiles() -> None:
    assert obstacles(ZERO_TOUCH, system_profile=EXCHANGED) == ""


@pytest.mark.parametrize(("skew", "is_expired"), [(HOUR, True), (-HOUR, False)])
def test_an_existing_config_expires_by_the_clock_of_its_system(
    skew: timedelta, is_expired: bool
) -> None:
    expires_at = NOW + skew / 2
    observed = Observation((an_enrollment(expires_at=expires_at),), skew=skew)
    desired = wanted(*TWO, existing="AB12C")
    assessment = assessed(desired, observed, Memory())

    with pytest.raises(ImpossibleRun) if is_expired else nullcontext():
        check(desired, observed, Memory(), assessment, NOW)


def test_every_obstacle_is_reported_at_once() -> None:
    message = obstacles(
        *TWO, ZERO_TOUCH, existing="AB12C", enrollments=(an_enrollment(used=5, expires_at=NOW),)
    )

    assert [line.split(" ")[0:3] for line in message.splitlines()] == [
        ["The", "activation", "config"],
        ["The", "activation", "config"],
        ["There", "is", "no"],
    ]


def test_an_expiry_must_lie_ahead() -> None:
    check_expiry(EXPIRY, NOW)

    with pytest.raises(ImpossibleRun) as refusal:
        check_expiry(NOW - HOUR, NOW)
    assert str(refusal.value) == (
        "The expiry 2026-03-02 08:00 UTC is in the past, so no device could use the code. "
        "Give a time in the future."
    )
    with pytest.raises(ImpossibleRun, match="is in the past"):
        check_expiry(NOW, NOW)


def test_an_expiry_must_leave_a_device_time_to_use_the_code() -> None:
    assert timedelta(minutes=5) == SHORTEST_LIFE
    check_expiry(NOW + SHORTEST_LIFE, NOW)

    with pytest.raises(ImpossibleRun) as refusal:
        check_expiry(NOW + SHORTEST_LIFE - timedelta(milliseconds=1), NOW)
    assert str(refusal.value) == (
        "The expiry 2026-03-02 09:04 UTC is less than five minutes away, too soon for a device to "
        "use the code. Give a later time."
    )
