from datetime import timedelta

from fleet.device.enrollment import FINGERPRINT_ROOM
from fleet.planning.plan import find_existing
from fleet.state.observation import Observation
from tests.fleet.builders import EXPIRY, NOW, an_enrollment


def test_an_enrollment_is_usable_until_it_expires_or_is_used_up() -> None:
    assert an_enrollment().is_usable(NOW)
    assert not an_enrollment().is_usable(EXPIRY)
    assert not an_enrollment(capacity=2, used=2).is_usable(NOW)


def test_an_overfull_enrollment_has_no_room_rather_than_less() -> None:
    assert an_enrollment(capacity=2, used=3).free == 0


def test_an_enrollment_is_found_by_the_ending_of_its_code_however_it_is_typed() -> None:
    observation = Observation(
        (an_enrollment(ending="AB12C"), an_enrollment("other", ending="ZZ999"))
    )

    for typed in ("AB12C", "ab12c", " 12c ", "XXXXX-YYYYY-ab12c"):
        assert [e.ending for e in find_existing(observation, typed)] == ["AB12C"]
    assert find_existing(observation, "") == []
    assert find_existing(observation, "AB12D") == []


def test_a_fingerprint_has_a_minute_before_the_expiry_that_was_asked_for() -> None:
    assert timedelta(minutes=1) == FINGERPRINT_ROOM
