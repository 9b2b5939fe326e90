"""Approvers: what proves that somebody is who they say, and when nobody is believed any more."""

from datetime import UTC, datetime, timedelta

import pytest

from fleet.admission.approver import (
    ALL_SITES,
    Approver,
    Role,
    is_demanded,
    locked_until,
    six_digits,
    time_step,
)
from tests.fleet.builders import NOW

RFC_6238 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the secret of its appendix B
ANNA = Approver("a", "Anna", ("plant-7", "plant-8"))
RITA = Approver("r", "Rita", (ALL_SITES,), Role.REQUESTER)


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_digits_are_those_of_rfc_6238(seconds: int, digits: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)

    assert time_step(RFC_6238, digits, at) == seconds // 30
    assert time_step(RFC_6238, digits, at + timedelta(seconds=30)) == seconds // 30
    assert time_step(RFC_6238, digits, at + timedelta(seconds=60)) is None
    assert time_step(RFC_6238, "000000", at) is None


@pytest.mark.parametrize("text", ["123456", " 123 456 ", "12 34 56"])
def test_digits_may_be_written_with_spaces(text: str) -> None:
    assert six_digits(text) == "123456"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "१२३४५६", "-12345", "12345²"])
def test_anything_else_is_no_six_digits(text: str) -> None:
    assert six_digits(text) is None


@pytest.mark.parametrize(
    ("failures", "minutes"), [(5, 15), (10, 30), (15, 60), (35, 960), (40, 1440), (10_000, 1440)]
)
def test_after_each_five_wrong_answers_nobody_is_believed_for_twice_as_long(
    failures: int, minutes: int
) -> None:
    assert locked_until(failures, NOW) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("failures", [0, 1, 4, 6, 9])
def test_fewer_wrong_answers_lock_nobody(failures: int) -> None:
    assert locked_until(failures, NOW) is None


def test_a_site_demands_proof_once_somebody_may_decide_there() -> None:
    assert is_demanded([RITA, ANNA], "plant-8")
    assert not is_demanded([RITA, ANNA], "plant-9")
    assert is_demanded([Approver("z", "Zoe", (ALL_SITES,))], "plant-9")


def test_an_approver_decides_where_enrolled_and_a_requester_nowhere() -> None:
    assert (ANNA.decides_at("plant-7"), ANNA.decides_at("plant-9")) == (True, False)
    assert (RITA.covers("plant-9"), RITA.decides_at("plant-9")) == (True, False)
    assert (ANNA.place, RITA.place) == ("plant-7, plant-8", "all sites")
