"""What Prefect retries: reads whose failure may pass, changes that surely were not sent."""

from typing import Any

import pytest
from prefect.states import Failed

from systems.shared.errors import (
    ApiError,
    NotJson,
    Refused,
    TooManyRequests,
    Unanswered,
    Unreachable,
)
from tasks.runtime.retries import CHANGES, READS, was_not_sent


def is_retried(options: dict[str, Any], error: Exception) -> bool:
    retried: bool = options["retry_condition_fn"](None, None, Failed(data=error))
    return retried


@pytest.mark.parametrize(
    ("kind", "read", "change"),
    [
        (Unreachable, True, True),
        (TooManyRequests, True, True),
        (Unanswered, True, False),
        (NotJson, True, False),
        (Refused, False, False),
    ],
)
def test_a_change_is_retried_only_if_it_was_not_sent(
    kind: type[ApiError], read: bool, change: bool
) -> None:
    error = kind("POST /x", "as the test says")

    assert is_retried(READS, error) == read
    assert is_retried(CHANGES, error) == change == was_not_sent(error)


@pytest.mark.parametrize("options", [READS, CHANGES])
def test_an_error_that_is_no_system_s_is_not_retried(options: dict[str, Any]) -> None:
    assert not is_retried(options, ValueError("no"))


def test_a_task_is_tried_four_times_at_most_with_growing_gaps() -> None:
    assert READS["retries"] == len(READS["retry_delay_seconds"]) == 3
    assert READS["retry_delay_seconds"] == sorted(READS["retry_delay_seconds"])
