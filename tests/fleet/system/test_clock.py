"""Clocks: when a system's clock counts as different from ours, and what is said of it then."""

from datetime import timedelta

import pytest

from fleet.system.clock import clocks_differ, noticed

MOMENT = timedelta(milliseconds=1)


@pytest.mark.parametrize("skew", [2, -2, 0])
def test_clocks_may_agree_within_the_time_that_a_call_takes(skew: int) -> None:
    assert noticed(timedelta(seconds=skew)) == timedelta()


@pytest.mark.parametrize("skew", [timedelta(seconds=2) + MOMENT, -timedelta(seconds=2) - MOMENT])
def test_what_is_more_is_noticed_with_its_direction(skew: timedelta) -> None:
    assert noticed(skew) == skew


def test_a_clock_that_is_unknown_is_not_noticed() -> None:
    assert noticed(None) == timedelta()


@pytest.mark.parametrize("skew", [30, -30, 0])
def test_clocks_that_are_half_a_minute_apart_do_no_harm(skew: int) -> None:
    assert clocks_differ("LEM", timedelta(seconds=skew)) == ""


@pytest.mark.parametrize(
    ("skew", "length"),
    [
        ({"seconds": 31}, "31 s"),
        ({"seconds": 119}, "119 s"),
        ({"minutes": 2}, "2 min"),
        ({"minutes": 119}, "119 min"),
        ({"hours": 2}, "2 h"),
        ({"hours": 47}, "47 h"),
        ({"days": 2}, "2 d"),
        ({"days": 1500}, "1,500 d"),
    ],
)
def test_clocks_that_differ_are_said_with_length_and_direction(
    skew: dict[str, int], length: str
) -> None:
    ahead = timedelta(**skew)

    assert clocks_differ("LEM", ahead) == f"LEM's clock is {length} ahead of ours"
    assert clocks_differ("LEM", -ahead) == f"LEM's clock is {length} behind ours"
