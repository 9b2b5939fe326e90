"""What a site run raises of its connections."""

import pytest

from tasks.onboarding.onboard import raise_all


def test_where_nothing_failed_nothing_is_raised():
    assert raise_all([]) is None


def test_one_error_is_raised_as_it_is():
    with pytest.raises(KeyError, match="lem"):
        raise_all([KeyError("lem")])


def test_none_of_several_errors_is_lost():
    with pytest.raises(ExceptionGroup) as raised:
        raise_all([KeyError("lem"), OSError("acusight")])

    assert [type(each) for each in raised.value.exceptions] == [KeyError, OSError]
    assert str(raised.value).startswith("KeyError: 'lem'; OSError: acusight")


def test_what_ends_the_run_is_raised_before_any_error():
    with pytest.raises(KeyboardInterrupt):
        raise_all([KeyError("lem"), KeyboardInterrupt()])
