"""The sentence that is told of an expected error."""

import pytest
from pydantic import ValidationError

from clients.errors import Unauthorized
from clients.settings import LemSettings
from fleet.device import Device
from tasks.expected import EXPECTED, tell

SECRET = "a-real-token"


def invalid(shape, **values):
    with pytest.raises(ValidationError) as refusal:
        shape(**values)
    return refusal.value


def test_an_error_of_ours_tells_itself():
    error = Unauthorized("GET /api/v1/device/p1", "401 Unauthorized")

    assert tell(error) == (
        "GET /api/v1/device/p1: 401 Unauthorized. "
        "Check the token: it may be wrong, revoked or expired"
    )


def test_a_faulty_setting_is_told_by_its_name_on_a_line_of_its_own():
    error = invalid(LemSettings, _env_file=None, url="plant", concurrency=0)

    lines = tell(error).splitlines()

    assert [line.partition(":")[0] for line in lines] == [
        "LemSettings, url",
        "LemSettings, concurrency",
    ]
    assert lines[1].endswith("Input should be greater than or equal to 1")


def test_what_was_given_is_not_told():
    given = {"url": SECRET, "token": [SECRET], "auth": SECRET, "ca_file": f"/{SECRET}"}

    told = tell(invalid(LemSettings, _env_file=None, **given))

    assert len(told.splitlines()) == len(given)
    assert SECRET not in told


def test_a_rule_of_our_own_is_told_in_its_words():
    error = invalid(Device, name="edge-1", macs=("nonsense",))

    assert tell(error) == "Device, macs.0: Value error, 'nonsense' is not a MAC address"


def test_a_validation_error_is_expected():
    assert ValidationError in EXPECTED
