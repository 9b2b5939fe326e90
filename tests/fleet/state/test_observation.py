"""Observations: what is found in what one round of list calls showed."""

from datetime import timedelta

import pytest

from fleet.state.observation import Observation
from tests.fleet.builders import a_request, an_enrollment, mac

LAB = an_enrollment("zt", profile="lab")


def test_enrollments_and_requests_are_found_by_what_names_them() -> None:
    new, old = a_request("10"), a_request("9")
    observed = Observation((an_enrollment("a"), LAB), (new, old))

    assert observed.enrollment_by_id == {"a": an_enrollment("a"), "zt": LAB}
    assert observed.request_by_key == {new.key: new, old.key: old}


def test_a_zero_touch_profile_is_found_by_its_name() -> None:
    observed = Observation((an_enrollment("a"), LAB))

    assert observed.profile("lab") is LAB
    assert observed.profile("a") is None


def test_an_observation_that_showed_nothing_is_whole_and_its_clock_agrees() -> None:
    assert Observation() == Observation((), (), frozenset(), False, (), False, timedelta())


@pytest.mark.parametrize(
    ("observed", "may_hide", "gap", "left_out"),
    [
        (Observation(), False, "", ""),
        (Observation(truncated=True), True, "ended at its limit", ""),
        (Observation(unreadable=("#7",)), True, "an entry (#7)", "an entry (#7)"),
        (
            Observation(unreadable=("#7", "#8")),
            True,
            "2 entries (the first: #7)",
            "2 entries (the first: #7)",
        ),
        (
            Observation(truncated=True, unreadable=("#7",)),
            True,
            "ended at its limit",
            "an entry (#7)",
        ),
    ],
    ids=["all", "cut off", "one unreadable", "two unreadable", "both"],
)
def test_what_may_be_hidden_is_said_with_the_first_reason(
    observed: Observation, may_hide: bool, gap: str, left_out: str
) -> None:
    assert observed.may_hide is may_hide
    assert (gap in observed.gap("LEM"), bool(observed.gap("LEM"))) == (True, bool(gap))
    assert (left_out in observed.left_out("LEM"), bool(observed.left_out("LEM"))) == (
        True,
        bool(left_out),
    )


def test_a_request_that_a_list_repeats_is_one_and_two_with_one_id_are_two() -> None:
    old, new = a_request("9"), a_request("10")
    other = a_request("10", macs=[mac(2)])
    named = a_request("10", device="edge-1")

    distinct = Observation(requests=(new, old, old)).distinct_requests
    doubled = Observation(requests=(new, other, named, old, old))

    assert distinct == (old, new)
    assert doubled.distinct_requests == (old, new, other, named)
    assert doubled.doubled_ids == {"10"}
    assert Observation(requests=(new, old, old)).doubled_ids == frozenset()
