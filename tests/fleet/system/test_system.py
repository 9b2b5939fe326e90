"""What is asked of a system, and what it answers, when nothing more is said."""

from fleet.system.enroll import Enroll
from fleet.system.system import Check, Checkup
from tests.fleet.builders import EXPIRY, NOW, a_device


def test_an_enrollment_is_asked_for_again_where_it_was_asked_for_before() -> None:
    first = Enroll((a_device(),), 1, EXPIRY)
    second = Enroll((a_device(),), 1, EXPIRY, asked_before=NOW)

    assert (first.again, second.again) == (False, True)


def test_a_good_check_has_no_remedy_and_a_system_need_not_say_its_version() -> None:
    checkup = Checkup("admin of tenant-a", (Check("access", True, "it is there"),))

    assert [each.remedy for each in checkup.checks] == [""]
    assert (checkup.version, checkup.skew) == ("", None)
