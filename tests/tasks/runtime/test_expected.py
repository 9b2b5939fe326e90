"""What becomes of an error that a user may expect."""

import asyncio

import pytest

from systems.shared.errors import Unauthorized
from tasks.runtime.expected import failing_plainly


def outcome(error):
    @failing_plainly
    async def failing():
        raise error

    return asyncio.run(failing())


def test_an_expected_error_becomes_a_failed_state_that_says_what_to_do():
    error = Unauthorized("GET /api/v1/device/p1", "401 Unauthorized")

    state = outcome(error)

    assert state.is_failed()
    assert state.data is error
    assert state.message == (
        "GET /api/v1/device/p1: 401 Unauthorized. "
        "Check the token: it may be wrong, revoked or expired"
    )


def test_any_other_error_is_raised():
    with pytest.raises(KeyError):
        outcome(KeyError("edge-042"))
