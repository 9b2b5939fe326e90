"""Outlook: what comes next, when and why, for every way in which a device can stand."""

from datetime import timedelta
from typing import Any

import pytest

from fleet.action.action import Approve, Confirm, Hold, Reject
from fleet.admission.evidence import Code, Evidence
from fleet.device.identity import Identity
from fleet.device.request import Progress
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.outlook import Outlook
from fleet.nightly.rule import NightRule, Remediation
from fleet.nightly.rules import NightRules
from fleet.nightly.story import AtWork, DeviceObservation, Event, Found, Home, Reviewed, Story
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.record import DeviceRecord
from fleet.status.holds import NO_REVIEW
from fleet.status.status import DeviceStatus
from tests.fleet.builders import ASKED, EXPIRY, HOUR, NOW, a_device, a_request, an_enrollment

SITE, PLACE, BY = "plant-7", "LEM project a", "lem"
DEVICE = a_device("edge-1")
DAY = timedelta(days=1)
ASKS = a_request("7")
FAILED = a_request("7", progress=Progress.FAILED)


def finding(
    kind: FindingKind, subject: str = "edge-1", since: timedelta = HOUR, **more: Any
) -> Finding:
    return Finding(kind, SITE, BY, subject, "as it is", NOW - since, **more)


def home(state: State = State.WAITING, is_listed: bool = True) -> Home:
    return Home(DeviceRecord(SITE, PLACE, BY, DEVICE, state, is_listed, None, NOW), "as it was")


def stands(state: State, **more: Any) -> DeviceStatus:
    return DeviceStatus(DEVICE, state, ReasonCode.UNKNOWN, "as it is", **more)


def found(kind: FindingKind, actions: int = 0, last: timedelta | None = None, **more: Any) -> Found:
    last_action_at = NOW - last if last else None
    return Found(NOW - DAY, PLACE, kind, "as it is", NOW, actions, last_action_at, **more)


def message(
    status: DeviceStatus | None,
    *findings: Finding,
    events: tuple[Event, ...] = (),
    rules: NightRules | None = None,
    at_work: tuple[AtWork, ...] = (),
    **more: Any,
) -> str:
    facts: dict[str, Any] = {"home": home(), "status": status, "system_profile": ASKED}
    observation = DeviceObservation(PLACE, BY, findings=findings, **(facts | more))
    story = Story(SITE, "edge-1", events=events, at_work=at_work)
    return str(Outlook(story, observation, rules or NightRules(), NOW))


def rules(kind: FindingKind, rule: NightRule) -> NightRules:
    return NightRules({**NightRules().rules, kind: rule})


def test_of_a_device_in_service_nothing_is_to_come() -> None:
    assert message(stands(State.IN_SERVICE)) == "Nothing: it is in service."


def test_a_place_that_was_not_observed_promises_nothing() -> None:
    assert message(None) == "That depends on what its system shows, which could not be observed."


def test_a_run_that_holds_it_is_reported_first() -> None:
    at_work = (AtWork("onboard plant-7", NOW + HOUR),)

    assert message(stands(State.IN_SERVICE), at_work=at_work).startswith(
        "The run 'onboard plant-7' works on it now. "
    )


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Approve(DEVICE, ASKS, "it shows its MAC"), "The next nightly run will approve it."),
        (Confirm(DEVICE, ASKS), "The next nightly run notes that it is in service."),
        (Reject(DEVICE, ASKS, "a rule"), "The next nightly run will reject it: a rule."),
    ],
)
def test_what_is_planned_is_reported_instead_of_what_is_wrong(action: Any, expected: str) -> None:
    assert message(stands(State.WAITING, action=action), finding(FindingKind.PENDING)) == expected


def test_the_next_run_is_reported_with_its_moment_where_that_is_known() -> None:
    action = Confirm(DEVICE, ASKS)

    assert message(stands(State.IN_SERVICE, action=action), next_run=NOW + HOUR).startswith(
        "The run at 2026-03-02 10:00 UTC "
    )
    assert "next ten-minute run" in message(
        stands(State.IN_SERVICE, action=action), is_watched=True
    )


def test_a_waiting_device_says_its_code_s_end_and_from_when_a_night_says_of_it() -> None:
    outlook = message(
        stands(State.WAITING), finding(FindingKind.PENDING), enrollment=an_enrollment()
    )

    assert outlook == (
        "The next nightly run checks whether that has changed. Its code expires at "
        f"{EXPIRY:%Y-%m-%d %H:%M} UTC. From 2026-03-05 08:00 UTC on it is reported as 'pending too "
        f"long'. {FindingKind.PENDING.record.remedy}"
    )


def test_a_device_that_has_asked_needs_its_code_no_more() -> None:
    status = stands(State.PROVISIONING, request=ASKS)

    outlook = message(status, finding(FindingKind.STUCK, since=DAY), enrollment=an_enrollment())

    assert "code" not in outlook
    assert outlook.endswith(FindingKind.STUCK.record.remedy)


def test_a_failed_device_is_retried_with_growing_gaps_until_a_hand_is_needed() -> None:
    failed = (
        stands(State.FAILED, request=FAILED),
        finding(FindingKind.FAILED, request_key="7/config-1"),
    )
    retries = rules(FindingKind.FAILED, NightRule(Remediation.RETRY, times=3, gap=2 * HOUR))

    fresh = message(*failed, rules=retries)
    once = message(*failed, rules=retries, events=(found(FindingKind.FAILED, 1, HOUR),))
    twice = message(*failed, rules=retries, events=(found(FindingKind.FAILED, 2, HOUR),))
    spent = message(*failed, rules=retries, events=(found(FindingKind.FAILED, 3, HOUR),))

    assert fresh == "It is retried by the next nightly run: 0 of 3 retries done."
    assert once == (
        "It is retried after 2026-03-02 10:00 UTC, by the next nightly run: 1 of 3 retries done."
    )
    assert "after 2026-03-02 12:00 UTC" in twice
    assert (
        spent == f"Nothing more by itself: 3 of 3 retries done. {FindingKind.FAILED.record.remedy}"
    )


def test_what_was_done_about_a_finding_that_has_ended_counts_no_more() -> None:
    before = found(FindingKind.FAILED, 3, HOUR, ended_at=NOW - HOUR)
    failed = (
        stands(State.FAILED, request=FAILED),
        finding(FindingKind.FAILED, request_key="7/config-1"),
    )

    assert "0 of 3 retries done" in message(*failed, events=(before,))


def test_a_gap_that_no_calendar_holds_is_reported_all_the_same() -> None:
    endless = rules(FindingKind.FAILED, NightRule(Remediation.RETRY, times=99, gap=1000 * DAY))
    failed = (
        stands(State.FAILED, request=FAILED),
        finding(FindingKind.FAILED, request_key="7/config-1"),
    )

    outlook = message(*failed, rules=endless, events=(found(FindingKind.FAILED, 80, HOUR),))

    assert "after 9999-12-31" in outlook


def test_what_nights_cannot_retry_without_a_request_is_left_to_a_person() -> None:
    outlook = message(stands(State.FAILED), finding(FindingKind.FAILED))

    assert outlook == f"Nothing by itself. {FindingKind.FAILED.record.remedy}"


def test_a_device_that_is_missing_is_not_reported_as_merely_waiting() -> None:
    outlook = message(
        stands(State.WAITING), finding(FindingKind.MISSING), enrollment=an_enrollment()
    )

    assert outlook == f"Nothing by itself. {FindingKind.MISSING.record.remedy}"


def test_an_ended_enrollment_is_made_again_only_where_a_rule_says_so() -> None:
    ended = stands(State.NOT_ENROLLED, needs_enrollment=True), finding(FindingKind.ENDED)
    again = rules(FindingKind.ENDED, NightRule(Remediation.RE_ENROLL))

    assert message(*ended) == f"Nothing by itself. {FindingKind.ENDED.record.remedy}"
    assert message(*ended, rules=again) == (
        "It is enrolled again by the next nightly run: 0 of 1 enrollments done."
    )


def test_the_rules_of_its_site_go_before_those_of_all() -> None:
    here = NightRules(sites={SITE: {FindingKind.FAILED: NightRule()}})
    failed = (
        stands(State.FAILED, request=FAILED),
        finding(FindingKind.FAILED, request_key="7/config-1"),
    )

    assert message(*failed, rules=here) == f"Nothing by itself. {FindingKind.FAILED.record.remedy}"


def a_held(**more: Any) -> DeviceStatus:
    seen = Evidence(SITE, "7/config-1", "7", "edge-1", Code.OTHER, "", Identity(), Identity())
    hold = Hold(ASKS, ReasonCode.UNKNOWN, "as it is", DEVICE, **({"evidence": seen} | more))
    return stands(State.HELD, request=ASKS, holds=(hold,))


def test_a_held_device_waits_for_a_person() -> None:
    held = finding(FindingKind.HELD, since=DAY, request_key="7/config-1")

    assert message(a_held(), held) == FindingKind.HELD.record.remedy


def test_while_a_review_is_open_its_form_is_the_next_step() -> None:
    held = finding(FindingKind.HELD, since=DAY, request_key="7/config-1")
    review = Reviewed(NOW - HOUR, PLACE, "7", "as it is", NOW + HOUR)
    closed = Reviewed(NOW - DAY, PLACE, "7", "as it is", NOW + DAY, closed_at=NOW - HOUR)

    outlook = message(a_held(), held, events=(closed, review))

    assert outlook == (
        "People may decide until 2026-03-02 10:00 UTC: the review's run, in the Prefect UI, "
        "has the form."
    )


def test_a_rule_that_rejects_what_nobody_decides_is_reported_with_its_moment() -> None:
    held = finding(FindingKind.HELD, since=HOUR, request_key="7/config-1")
    strict = rules(FindingKind.HELD, NightRule(Remediation.REJECT, after=DAY))

    assert message(a_held(), held, rules=strict) == (
        "It is rejected after 2026-03-03 08:00 UTC, by the next nightly run: 0 of 1 rejections "
        "done."
    )


def test_what_no_review_can_decide_is_not_sent_to_one() -> None:
    of_it = finding(FindingKind.HELD, since=DAY, is_reviewable=False)

    assert message(a_held(evidence=None), of_it) == NO_REVIEW


def test_a_device_that_is_held_for_what_no_list_shows_is_not_sent_to_a_review() -> None:
    assert message(stands(State.HELD)).startswith(NO_REVIEW)


def test_a_second_request_beside_a_good_device_is_reported_too() -> None:
    beside = finding(FindingKind.HELD, "#12", since=DAY, request_key="12/config-1")

    assert message(stands(State.IN_SERVICE), beside) == (
        "Nothing: it is in service. Beside it, #12 is held (as it is): "
        f"{FindingKind.HELD.record.remedy}"
    )


def test_a_device_that_was_taken_out_of_service_stays_out() -> None:
    retired = home(State.RETIRED, is_listed=False)

    assert message(stands(State.WAITING), home=retired) == (
        "Nothing: it was taken out of service. Every night checks that it stays so."
    )
    assert message(
        stands(State.IN_SERVICE), finding(FindingKind.RETIRED_IN_SERVICE), home=retired
    ) == (f"Nothing by itself. {FindingKind.RETIRED_IN_SERVICE.record.remedy}")


def test_no_run_manages_what_is_on_no_roster() -> None:
    off = home(is_listed=False)

    assert message(stands(State.WAITING), home=off) == (
        "Nothing: it is on no roster, and no run manages it."
    )
    assert FindingKind.UNLISTED.record.remedy in message(
        stands(State.IN_SERVICE), home=off, is_serving=True
    )


@pytest.mark.parametrize("kind", FindingKind)
@pytest.mark.parametrize("remediation", Remediation)
def test_every_finding_has_a_next_step_or_a_remediation_to_come(
    kind: FindingKind, remediation: Remediation
) -> None:
    outlook = message(
        stands(State.FAILED, request=FAILED),
        finding(kind, request_key="7/config-1"),
        rules=rules(kind, NightRule(remediation)),
    )

    assert kind.record.remedy in outlook or "No review" in outlook or "It is " in outlook
