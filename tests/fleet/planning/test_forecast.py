"""The forecast: a quota tells how long a run takes, and in which waves no code expires."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.planning.forecast import forecast, lifetimes, wave
from fleet.planning.plan import plan
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.system.enroll import Enroll
from fleet.system.profile import SystemProfile
from fleet.system.quota import Quota, Usage
from tests.fleet.builders import ASKED, a_device, assessed, wanted
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


@given(system_profiles, st.integers(1, 3000))
def test_in_waves_no_code_expires_before_its_turn(
    system_profile: SystemProfile, number: int
) -> None:
    size = wave(system_profile)

    assert size is not None
    if size > 1 or system_profile.quota.window * 2 < system_profile.code_life:
        assert max(lifetimes(system_profile, number, size)) < system_profile.code_life
