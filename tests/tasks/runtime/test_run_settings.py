"""What settings of runs are refused, in words."""

import pytest

from fleet.text.settings import UnusableSettings
from tasks.runtime.settings import RunSettings


def test_the_zone_of_reports_is_one_that_exists():
    assert RunSettings(night_zone="Europe/Vienna").night_zone == "Europe/Vienna"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../../etc/passwd", "/etc/passwd", "a\0b"])
def test_a_zone_that_does_not_exist_is_reported_when_the_run_begins(zone):
    with pytest.raises(UnusableSettings, match="the name of a time zone, such as Europe/Vienna"):
        RunSettings(night_zone=zone)
