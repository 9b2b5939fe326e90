"""Fingerprints belong to a site, lie in the minute before the wanted expiry, and are its own."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.device.enrollment import FINGERPRINT_ROOM
from fleet.device.fingerprint import MILLISECOND, fingerprints, is_of_site
from tests.fleet.builders import EXPIRY

instants = st.datetimes(datetime(2020, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))


@given(instants)
def test_they_are_whole_milliseconds_of_the_last_minute_and_known_as_the_site_s(before):
    found = list(fingerprints("plant-7", before))

    assert len(set(found)) == 4
    for each in found:
        assert timedelta() <= before - each < FINGERPRINT_ROOM + MILLISECOND
        assert each.microsecond % 1000 == 0
        assert is_of_site("plant-7", each)


def test_another_site_has_others_and_hardly_any_instant_is_a_site_s():
    found = {*fingerprints("plant-7", EXPIRY)}

    assert not found & {*fingerprints("plant-8", EXPIRY)}
    assert sum(is_of_site("plant-7", EXPIRY + n * MILLISECOND) for n in range(60_000)) == 4
