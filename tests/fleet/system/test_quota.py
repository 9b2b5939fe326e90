"""A quota: what one call costs, and how it reads."""

from datetime import timedelta

from fleet.system.quota import Quota, Usage

MINUTE = timedelta(minutes=1)


def test_a_call_costs_its_share_of_the_window() -> None:
    assert Quota(10, MINUTE).interval == timedelta(seconds=6)


def test_a_quota_reads_as_calls_in_a_time() -> None:
    assert [str(Quota(calls, MINUTE)) for calls in (1, 10)] == [
        "1 call in 60 s",
        "10 calls in 60 s",
    ]


def test_a_window_that_nobody_used_is_free() -> None:
    assert Usage() == Usage(own=0, others=0)
