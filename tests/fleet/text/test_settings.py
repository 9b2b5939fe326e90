"""What is told of settings that cannot be used."""

import pytest

from fleet.text.settings import UnusableSettings
from systems.lem.settings import LemSettings

SECRET = "a-real-token"


def refusal(**values):
    with pytest.raises(UnusableSettings) as refused:
        LemSettings(_env_file=None, **values)
    return refused.value


def test_a_faulty_setting_is_told_by_its_variable_on_a_line_of_its_own():
    refused = refusal(url="plant", concurrency=0)

    first, second = str(refused).splitlines()

    assert first.startswith("LEM_URL: Input should be a valid URL")
    assert second == "LEM_CONCURRENCY: Input should be greater than or equal to 1"
    assert [field for field, _ in refused.faults] == ["url", "concurrency"]


def test_what_was_given_is_not_told():
    given = {"url": SECRET, "token": [SECRET], "auth": SECRET, "ca_file": f"/{SECRET}"}

    told = str(refusal(**given))

    assert len(told.splitlines()) == len(given)
    assert SECRET not in told
