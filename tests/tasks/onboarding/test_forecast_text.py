"""A forecast in words."""

from datetime import timedelta

import pytest

from fleet.planning.forecast import Forecast
from fleet.system.quota import Quota
from tasks.onboarding.publish import forecast_text

TEN_A_MINUTE = Quota(10, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("calls", "others", "minutes", "text"),
    [
        (7, 0, 0, "P allows 10 calls in 60 s. What is planned there (7 calls) need not wait."),
        (
            27,
            0,
            2,
            "P allows 10 calls in 60 s. What is planned there takes about 2 min (27 calls).",
        ),
        (
            27,
            4,
            4,
            "P allows 10 calls in 60 s, and other runs made 4 in the last 60 s. "
            "What is planned there takes about 4 min (27 calls).",
        ),
    ],
)
def test_a_forecast_says_how_long_it_takes_and_what_others_use(calls, others, minutes, text):
    expected = Forecast("P", TEN_A_MINUTE, calls, others, timedelta(minutes=minutes), (), ())

    assert forecast_text(expected) == text
