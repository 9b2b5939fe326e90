"""The forecast: a quota tells how long a run takes, and in which waves no code expires."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.action.action import Action, Approve, Confirm
from fleet.planning.assess import Assessment
from fleet.planning.forecast import Forecast, forecast, lifetimes, room, wave
from fleet.planning.plan import plan
from fleet.state.device_state import State
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from fleet.system.enroll import Enroll
from fleet.system.profile import SystemProfile
from fleet.system.quota import Quota, Usage
from tests.fleet.builders import ASKED, a_device, a_request, assessed, wanted
from tests.fleet.status.test_by_code import EXCHANGED

TEN_A_MINUTE = Quota(10, timedelta(minutes=1))
SHORT = replace(EXCHANGED, quota=TEN_A_MINUTE, code_life=timedelta(minutes=60), admit_calls=0)

system_profiles = st.builds(
    replace,
    st.just(SHORT),
    quota=st.builds(
        Quota, st.integers(1, 50), st.integers(1, 120).map(lambda s: timedelta(seconds=s))
    ),
    code_life=st.integers(10, 120).map(lambda minutes: timedelta(minutes=minutes)),
    admit_calls=st.integers(0, 2),
)


def new_site(number: int, system_profile: SystemProfile = SHORT):
    devices = [a_device(f"edge-{n}", macs=(), host_id=f"h{n}") for n in range(number)]
    desired = wanted(*devices, system_profile=system_profile)
    return desired, assessed(desired, Observation(), Memory())


def test_without_a_quota_there_is_nothing_to_forecast() -> None:
    assert forecast(*new_site(5, EXCHANGED)) is None


def test_a_converged_site_has_no_forecast() -> None:
    assert forecast(*new_site(0)) is None


def test_a_small_site_is_one_wave_whose_length_the_quota_decides() -> None:
    message = forecast(*new_site(25))

    assert message is not None
    assert (message.calls, message.waves, message.outlived) == (29, (25,), ())
    assert message.lasts == timedelta(minutes=2)


def test_what_fits_into_the_window_need_not_wait() -> None:
    message = forecast(*new_site(3))

    assert message is not None
    assert (message.calls, message.lasts) == (7, timedelta())


@pytest.mark.parametrize(
    ("used", "minutes"),
    [(Usage(own=2), 3), (Usage(others=5), 5), (Usage(own=1, others=9), 29), (Usage(9, 20), 29)],
)
def test_what_other_runs_use_of_the_quota_is_not_there_to_be_used(
    used: Usage, minutes: int
) -> None:
    message = forecast(*new_site(25), used)

    assert message is not None
    assert (message.others, message.lasts) == (used.others, timedelta(minutes=minutes))


def test_lines_whose_codes_would_expire_before_their_turn_are_named_and_spread_over_waves() -> None:
    message = forecast(*new_site(1000))

    assert message is not None
    assert message.outlived[0] == "edge-0"
    assert message.outlived[-1] == "edge-409"
    assert sum(message.waves) == 1000
    assert set(message.waves[:-1]) == {wave(SHORT)}


def test_only_as_many_codes_are_made_as_a_wave_holds() -> None:
    desired, found = new_site(1000)

    actions = plan(desired, Observation(), Memory(), found)

    assert len(actions) == wave(SHORT) == 150
    assert all(isinstance(action, Enroll) for action in actions)


def test_a_shared_enrollment_knows_no_waves() -> None:
    message = forecast(*new_site(300, replace(ASKED, quota=TEN_A_MINUTE, observe_calls=3)))

    assert message is not None
    assert (message.calls, message.waves) == (307, ())


@pytest.mark.parametrize(("number", "rechecks"), [(1, 1), (9, 1), (10, 2), (300, 34)])
def test_requests_are_listed_once_more_for_as_many_approvals_as_a_window_has_room_for(
    number: int, rechecks: int
) -> None:
    profile = replace(ASKED, quota=TEN_A_MINUTE)
    without = forecast(*new_site(number, profile))
    message = forecast(*new_site(number, replace(profile, recheck_calls=1)))

    assert message is not None
    assert without is not None
    assert message.calls == without.calls + rechecks


@given(system_profiles, st.integers(1, 3000))
def test_in_waves_no_code_expires_before_its_turn(
    system_profile: SystemProfile, number: int
) -> None:
    size = wave(system_profile)

    assert size is not None
    if size > 1 or system_profile.quota.window * 2 < system_profile.code_life:
        assert max(lifetimes(system_profile, number, size)) < system_profile.code_life


# What is still to be done


COSTLY = replace(
    SHORT, enroll_calls=3, admit_calls=5, observe_calls=7, quota=Quota(10, timedelta(minutes=1))
)


def of_statuses(*statuses: DeviceStatus, system_profile: SystemProfile = COSTLY) -> Forecast | None:
    devices = [status.device for status in statuses]
    return forecast(wanted(*devices, system_profile=system_profile), Assessment(statuses, ()))


def a_status(state: State, action: Action | None = None, *, needs: bool = False) -> DeviceStatus:
    return DeviceStatus(
        a_device(), state, ReasonCode.UNKNOWN, "", action=action, needs_enrollment=needs
    )


TO_ENROLL = a_status(State.NOT_ENROLLED, needs=True)
TO_ADMIT = a_status(State.WAITING, Approve(a_device(), a_request(), ""))
OTHERS = (
    a_status(State.WAITING),
    a_status(State.IN_SERVICE, Confirm(a_device(), a_request())),
    a_status(State.IN_SERVICE),
)


def test_every_call_that_is_still_to_be_made_is_counted() -> None:
    both = of_statuses(TO_ENROLL, TO_ENROLL, TO_ADMIT, *OTHERS)
    admitting = of_statuses(TO_ADMIT, TO_ADMIT, *OTHERS)

    assert both is not None
    assert (both.calls, both.waves) == (2 * 3 + (2 + 1) * 5 + (2 + 2) * 7, (2,))
    assert admitting is not None
    assert (admitting.calls, admitting.waves, admitting.outlived) == (2 * 5 + 2 * 7, (), ())


def test_where_codes_are_shared_one_is_made_for_all() -> None:
    shared = replace(COSTLY, shares_enrollments=True)

    new = of_statuses(TO_ENROLL, TO_ENROLL, TO_ADMIT, system_profile=shared)
    open_ = of_statuses(TO_ADMIT, system_profile=shared)

    assert new is not None
    assert (new.calls, new.waves) == (3 + (2 + 1) * 5 + 2 * 7, ())
    assert open_ is not None
    assert (open_.calls, open_.waves) == (5 + 2 * 7, ())


def test_a_code_that_all_share_is_outlived_by_nobody() -> None:
    short = replace(COSTLY, shares_enrollments=True, code_life=timedelta(seconds=1))

    message = of_statuses(TO_ENROLL, TO_ENROLL, system_profile=short)

    assert message is not None
    assert message.outlived == ()


def test_what_only_waits_has_no_forecast() -> None:
    assert of_statuses(*OTHERS) is None


def test_a_forecast_names_its_system_and_its_quota() -> None:
    message = of_statuses(TO_ENROLL)

    assert message is not None
    assert (message.system, message.quota) == ("provision_api", COSTLY.quota)


@pytest.mark.parametrize(
    "unlimited",
    [{"quota": None}, {"code_life": None}, {"shares_enrollments": True}],
    ids=["no quota", "codes do not expire", "one code for all"],
)
def test_where_codes_are_not_short_there_is_one_wave(unlimited: dict[str, Any]) -> None:
    profile = replace(SHORT, **unlimited)
    desired, found = new_site(300, profile)

    assert wave(profile) is None
    assert room(desired, found) is None


def test_a_code_that_does_not_expire_is_outlived_by_nobody() -> None:
    message = forecast(*new_site(300, replace(SHORT, code_life=None)))

    assert message is not None
    assert (message.waves, message.outlived) == ((300,), ())


def test_a_wave_takes_a_quarter_of_a_codes_life_and_is_never_empty() -> None:
    assert wave(COSTLY) == 18  # 60 min / 4 / (6 s × 8)
    assert wave(replace(COSTLY, code_life=timedelta(seconds=1))) == 1


def test_codes_that_are_not_used_yet_leave_less_room() -> None:
    desired = wanted(system_profile=COSTLY)

    rooms = [
        room(desired, Assessment((a_status(State.WAITING),) * number + OTHERS[1:], ()))
        for number in (0, 1, 18, 19)
    ]

    assert rooms == [18, 17, 0, 0]


@pytest.mark.parametrize(
    ("number", "waves"), [(149, (149,)), (150, (150,)), (151, (150, 1)), (300, (150, 150))]
)
def test_waves_are_whole_but_for_the_last(number: int, waves: tuple[int, ...]) -> None:
    message = forecast(*new_site(number))

    assert message is not None
    assert message.waves == waves


def test_the_life_of_a_code_lasts_from_its_making_to_its_use() -> None:
    # 10 calls a minute. Two codes by calls 3 and 6; observing costs 7; used by calls 18 and 23.
    assert lifetimes(COSTLY, 2, 2) == [timedelta(minutes=1), timedelta(minutes=2)]
    # One at a time: made by call 3, used by call 15.
    assert lifetimes(COSTLY, 2, 1) == [timedelta(minutes=1), timedelta(minutes=1)]
    assert lifetimes(replace(COSTLY, quota=None), 1, 1) == [timedelta()]


def test_a_code_is_outlived_that_lives_as_long_as_it_takes() -> None:
    profile = replace(COSTLY, code_life=timedelta(minutes=2))

    message = of_statuses(
        TO_ENROLL, replace(TO_ENROLL, device=a_device("edge-9")), system_profile=profile
    )

    assert message is not None
    assert message.outlived == ("edge-9",)
