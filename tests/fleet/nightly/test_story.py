"""A story: what of its events still counts, and what an observation says of the device itself."""

from datetime import datetime, timedelta

import pytest

from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.story import (
    Decided,
    DeviceObservation,
    Enrolled,
    Found,
    Held,
    Home,
    Received,
    Reviewed,
    Story,
    Tried,
)
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.record import DeviceRecord
from fleet.status.status import DeviceStatus
from tests.fleet.builders import NOW, a_device

HERE, THERE = "lem north", "acusight"
HOUR = timedelta(hours=1)


def a_story(*events: Found | Received | Reviewed) -> Story:
    return Story("plant-7", "edge-1", events=events)


def a_review(place: str = HERE, hours: int = 1, closed_at: datetime | None = None) -> Reviewed:
    return Reviewed(NOW - HOUR, place, "1", "a VM", NOW + hours * HOUR, closed_at=closed_at)


def a_found(place: str = HERE, kind: FindingKind = FindingKind.FAILED, **more: datetime) -> Found:
    return Found(NOW, place, kind, "its provisioning failed", NOW, **more)


def test_an_event_that_says_no_more_is_the_usual_one() -> None:
    enrolled, held = Enrolled(NOW, HERE, 5), Held(NOW, HERE, "1", "a VM")
    tried = Tried(NOW, HERE, "run 1", ActionKind.APPROVE, "it fits")
    decided = Decided(NOW, HERE, 1, "1", "approve", "policy", "rule", "it fits")

    assert (enrolled.is_known, enrolled.adopted) == (True, False)
    assert (held.is_own, held.hostname, held.identity) == (True, "", "")
    assert (tried.outcome, tried.detail, decided.quorum, decided.differs) == (None, "", 1, ())
    assert (a_review().names_needed, a_review().closed_as, a_found().actions) == (1, "", 0)


def test_what_is_held_of_a_place_is_shown_oldest_first() -> None:
    old, new = (Received(NOW + hours * HOUR, HERE, "api-key") for hours in (0, 1))
    elsewhere = Received(NOW, THERE, "api-key")

    assert a_story(old, a_found(), elsewhere, new).secrets(HERE) == [old, new]


def test_a_finding_is_known_where_it_is_as_long_as_it_lasts() -> None:
    over, other, lasting = a_found(ended_at=NOW), a_found(kind=FindingKind.HELD), a_found()
    story = a_story(a_review(), over, a_found(THERE, ended_at=NOW), other, lasting)

    assert story.found(HERE, FindingKind.FAILED) is lasting
    assert story.found(HERE, FindingKind.HELD) is other
    assert story.found(THERE, FindingKind.FAILED) is None


def test_people_are_asked_until_the_last_deadline_of_what_is_open() -> None:
    reviews = [a_review(hours=2), a_review(hours=3), a_review(hours=9, closed_at=NOW)]

    assert a_story(*reviews, a_found()).review_until(HERE, NOW) == NOW + 3 * HOUR


@pytest.mark.parametrize(
    "review", [a_review(THERE), a_review(closed_at=NOW), a_review(hours=0), a_review(hours=-1)]
)
def test_nobody_is_asked_elsewhere_nor_once_it_is_closed_or_over(review: Reviewed) -> None:
    assert a_story(review).review_until(HERE, NOW) is None


def at_home(state: State = State.IN_SERVICE, is_listed: bool = True) -> DeviceObservation:
    record = DeviceRecord("plant-7", "s", "lem", a_device(), state, is_listed, None, NOW)
    return DeviceObservation(HERE, "lem", Home(record, "as it was seen"))


def test_a_place_that_was_checked_need_not_serve_the_device_nor_be_watched() -> None:
    shown = DeviceObservation(HERE, "lem")

    assert (shown.not_checked, shown.is_serving, shown.is_watched) == ("", False, False)


def test_a_device_is_listed_where_the_last_roster_names_it() -> None:
    shown = [at_home(), at_home(is_listed=False), DeviceObservation(HERE, "lem")]

    assert [each.is_listed for each in shown] == [True, False, False]


def test_a_device_is_retired_where_it_was_taken_out_of_service() -> None:
    shown = [at_home(State.RETIRED), at_home(), DeviceObservation(HERE, "lem")]

    assert [each.is_retired for each in shown] == [True, False, False]


def test_what_is_wrong_with_the_device_itself_is_no_finding_of_a_request_beside_it() -> None:
    beside, own = (
        Finding(FindingKind.FAILED, "plant-7", "lem", subject, "it failed", NOW)
        for subject in ("edge-1 (#9)", "edge-1")
    )
    status = DeviceStatus(
        a_device("edge-1"), State.FAILED, ReasonCode.PROVISIONING_FAILED, "it failed"
    )

    def shown(*findings: Finding, status: DeviceStatus | None = status) -> DeviceObservation:
        return DeviceObservation(HERE, "lem", status=status, findings=findings)

    assert shown(beside, own).finding is own
    assert shown(beside).finding is None
    assert shown(beside, own, status=None).finding is None
