"""Judging, by example: every state, the reason in the words an operator reads, and the act."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fleet.action.action import Action, Approve, Confirm, Hold, Reject, Retry
from fleet.admission.policy import HUMAN
from fleet.device.device import Device
from fleet.device.enrollment import MARK_ROOM, Enrolment
from fleet.device.request import Progress, Request, Step
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.memory import ENROLLMENT, Grant, Memory, Remembered
from fleet.state.observation import Observation
from fleet.state.verdict import Decision
from fleet.status.enrollment import TOO_LATE
from fleet.status.limits import Limits
from fleet.status.pending_requests import TOLD
from fleet.status.status import Standing
from tests.fleet.builders import (
    CODE,
    EXPIRY,
    HOUR,
    NOW,
    a_device,
    a_grant,
    a_request,
    an_enrolment,
    an_own_grant,
    enrolled,
    looked,
    mac,
    remembering,
    standing_of,
)

DEVICE = a_device()
ZERO_TOUCH = a_device(zero_touch="lab")
PROFILE = an_enrolment("profile", profile="lab")
NOT_SHOWN = "LEM answered its approval, and does not show it"
EVIDENCE = f"it shows this site's code and MAC {mac(1)}"
FAILED = a_request(progress=Progress.FAILED, status="FAILED", message="disk full")
SERVING = a_request(progress=Progress.PROVISIONED, device_id="d1")


def judged(*requests: Request, device: Device = DEVICE, **more: object) -> Standing:
    """Where an enrolled device stands that asked by `requests`."""
    present = more.pop("present", ())
    return standing_of(device, looked(*requests, present=present), remembering("edge-1"), **more)


def after(*requests: Request, limits: Limits | None = None, **past: object) -> Standing:
    """Where an enrolled device stands that asked by `requests` and for which `past` was done."""
    return standing_of(DEVICE, looked(*requests), remembering("edge-1", **past), limits)


def unseen(
    *enrolments: Enrolment,
    device: Device = DEVICE,
    past: Remembered | None = None,
    now: datetime = NOW,
    **more: object,
) -> Standing:
    """Where a device stands that never asked."""
    memory = Memory({"edge-1": past} if past else {})
    return standing_of(device, Observation(enrolments), memory, now=now, **more)


def another_machine(id_: str) -> str:
    return f"request {id_} (waiting) shows the same MAC {mac(1)}, but is another machine"


def told(standing: Standing) -> tuple[State, str, Action | None]:
    return standing.state, standing.reason, standing.act


# Before it asks


def test_a_device_that_is_new_on_the_roster_is_enrolled() -> None:
    standing = unseen()

    assert told(standing) == (State.NOT_ENROLLED, "new on the roster", None)
    assert standing.needs_enrolment


def test_an_enrolled_device_is_waited_for_by_the_ending_of_its_code() -> None:
    standing = unseen(an_enrolment(), past=enrolled())

    reason = "has not asked yet; boot it with the code ending in AB12C"
    assert told(standing) == (State.WAITING, reason, None)
    assert not standing.needs_enrolment


@pytest.mark.parametrize(
    ("enrolment", "reason"),
    [
        (an_enrolment(expires_at=NOW), "its code expired at 2026-03-02 09:00 UTC"),
        (an_enrolment(used=5), "other devices used up the code ending in AB12C"),
        (an_enrolment("another"), "its enrolment is gone from the system"),
    ],
    ids=["expired", "exhausted", "gone"],
)
def test_a_device_whose_enrolment_is_no_longer_good_is_enrolled_anew(
    enrolment: Enrolment, reason: str
) -> None:
    standing = unseen(enrolment, past=enrolled())

    assert told(standing) == (State.NOT_ENROLLED, reason, None)
    assert standing.needs_enrolment


def test_a_new_enrolment_may_be_unlisted_for_the_grace_and_not_a_moment_longer() -> None:
    past, grace = enrolled(grants=(a_grant(made_at=NOW),)), Limits().grace

    early = unseen(past=past, now=NOW + grace - timedelta(seconds=1))
    late = unseen(past=past, now=NOW + grace)

    reason = "has not asked yet; its enrolment is not yet listed"
    assert told(early) == (State.WAITING, reason, None)
    assert not early.needs_enrolment
    assert told(late) == (State.NOT_ENROLLED, "its enrolment is gone from the system", None)
    assert late.needs_enrolment


def test_an_unanswered_enrolment_is_asked_for_again_until_it_would_have_expired() -> None:
    grant = a_grant(None)
    past = enrolled(grants=(a_grant(), grant))

    before = unseen(an_enrolment(), past=past, now=EXPIRY - HOUR)
    afterwards = unseen(past=past, now=EXPIRY, expires_at=EXPIRY + HOUR)

    reason = "nobody knows whether its enrolment was made"
    assert told(before) == (State.NOT_ENROLLED, reason, None)
    assert (before.needs_enrolment, before.unanswered) == (True, grant)
    assert told(afterwards)[1] == "its enrolment is gone from the system"
    assert (afterwards.needs_enrolment, afterwards.unanswered) == (True, None)


@pytest.mark.parametrize(
    "outcome_timeout", [Limits().outcome_timeout, HOUR], ids=["a minute", "an hour"]
)
def test_an_unanswered_enrolment_may_still_be_made_until_the_outcome_timeout(
    outcome_timeout: timedelta,
) -> None:
    grant = a_grant(None, made_at=NOW)
    memory, limits = (
        Memory({"edge-1": enrolled(grants=(grant,))}),
        Limits(outcome_timeout=outcome_timeout),
    )
    moment = timedelta(milliseconds=1)

    early = standing_of(DEVICE, Observation(), memory, limits, NOW + outcome_timeout - moment)
    due = standing_of(DEVICE, Observation(), memory, limits, NOW + outcome_timeout)

    reason = "nobody knows whether its enrolment was made"
    assert told(early) == told(due) == (State.NOT_ENROLLED, reason, None)
    assert (early.needs_enrolment, early.unanswered, early.is_settled) == (False, None, False)
    assert (due.needs_enrolment, due.unanswered) == (True, grant)


def test_an_unanswered_call_may_take_effect_for_a_minute() -> None:
    assert Limits().outcome_timeout == timedelta(seconds=60)


@pytest.mark.parametrize(
    "grants",
    [(), (a_grant(None),), (a_grant(None, made_at=NOW),)],
    ids=["new", "lost", "unanswered"],
)
def test_a_device_for_which_no_enrolment_could_be_made_has_failed(
    grants: tuple[Grant, ...],
) -> None:
    standing = unseen(past=enrolled(grants=grants, refused={ENROLLMENT: "no licence"}))

    assert told(standing) == (State.FAILED, "not enrolled: no licence", None)
    assert not standing.needs_enrolment
    assert standing.is_settled


@pytest.mark.parametrize("grants", [(), (a_grant(None),)], ids=["new", "unanswered"])
def test_a_held_device_for_which_no_enrolment_could_be_made_is_not_enrolled_again(
    grants: tuple[Grant, ...],
) -> None:
    request = a_request(code="foreign")
    past = enrolled(grants=grants, refused={ENROLLMENT: "no licence"})

    standing = standing_of(DEVICE, looked(request), Memory({"edge-1": past}))

    assert standing.state is State.HELD
    assert not standing.needs_enrolment


@pytest.mark.parametrize(
    ("past", "reason"),
    [
        (None, "new on the roster"),
        (enrolled(), "its enrolment is gone from the system"),
        (
            enrolled(grants=(a_grant(None, wanted_expiry=EXPIRY + HOUR),)),
            "nobody knows whether its enrolment was made",
        ),
    ],
    ids=["new", "gone", "unanswered"],
)
def test_no_enrolment_is_wished_for_that_leaves_no_room_for_a_mark_before_its_expiry(
    past: Remembered | None, reason: str
) -> None:
    moment = timedelta(milliseconds=1)

    before = unseen(past=past, now=EXPIRY - MARK_ROOM - moment)
    afterwards = unseen(past=past, now=EXPIRY - MARK_ROOM)

    assert told(before) == (State.NOT_ENROLLED, reason, None)
    assert before.needs_enrolment
    late = f"{reason}; this run's codes are about to expire, run it again for new ones"
    assert told(afterwards) == (State.NOT_ENROLLED, late, None)
    assert (afterwards.needs_enrolment, afterwards.unanswered) == (False, None)


def test_a_device_held_after_the_runs_codes_expired_is_held_and_not_enrolled() -> None:
    request = a_request(code="foreign")

    standing = standing_of(DEVICE, looked(request), Memory(), now=EXPIRY - MARK_ROOM)

    reason = "it asks by a code that was not given to this device"
    late = f"{reason}; this run's codes are about to expire, run it again for new ones"
    assert told(standing) == (State.HELD, late, None)
    assert standing.holds == (Hold(request, reason, DEVICE),)
    assert not standing.needs_enrolment
    assert standing.is_settled


def test_a_device_that_needs_no_enrolment_is_not_told_that_the_runs_codes_expired() -> None:
    standing = unseen(
        an_enrolment(expires_at=EXPIRY + HOUR), past=enrolled(), now=EXPIRY - MARK_ROOM
    )

    reason = "has not asked yet; boot it with the code ending in AB12C"
    assert told(standing) == (State.WAITING, reason, None)


def test_only_the_latest_enrolment_counts() -> None:
    past = enrolled(grants=(a_grant("old"), a_grant()))

    standing = unseen(an_enrolment("old", expires_at=NOW), an_enrolment(), past=past)

    assert standing.state is State.WAITING


def test_a_zero_touch_device_is_never_enrolled() -> None:
    standing = unseen(PROFILE, device=ZERO_TOUCH)

    reason = "has not asked yet; its zero-touch profile is ready"
    assert told(standing) == (State.WAITING, reason, None)
    assert not standing.needs_enrolment


@pytest.mark.parametrize(
    "profile",
    [replace(PROFILE, expires_at=NOW), replace(PROFILE, used=PROFILE.capacity)],
    ids=["expired", "used up"],
)
def test_a_zero_touch_device_whose_profile_is_no_longer_good_is_told_that_it_cannot_ask(
    profile: Enrolment,
) -> None:
    standing = unseen(profile, device=ZERO_TOUCH)

    reason = "has not asked yet, and cannot: its zero-touch profile has expired or is used up"
    assert told(standing) == (State.WAITING, reason, None)
    assert not standing.needs_enrolment


def test_a_device_that_is_to_be_rejected_is_not_enrolled_for_it() -> None:
    standing = unseen(decision=Decision.REJECT)

    assert told(standing) == (State.WAITING, "has not asked to be let in", None)
    assert not standing.needs_enrolment


# At the door


def test_a_request_that_matches_is_approved_with_its_evidence() -> None:
    standing = judged(a_request())

    act = Approve(DEVICE, a_request(), EVIDENCE)
    assert told(standing) == (State.WAITING, f"asked; {EVIDENCE}", act)


def test_a_device_without_identity_is_approved_by_its_own_code() -> None:
    nobody = a_device(macs=[])
    memory = remembering("edge-1", grants=(an_own_grant(),))

    standing = standing_of(nobody, looked(a_request(macs=[mac(9)])), memory)

    evidence = "it shows the code made for this device alone"
    assert standing.act == Approve(nobody, a_request(macs=[mac(9)]), evidence)


def test_a_zero_touch_device_is_never_approved_by_us() -> None:
    request = a_request(code="profile")

    standing = standing_of(ZERO_TOUCH, looked(request, enrolments=[PROFILE]), Memory())

    reason = "asked; its zero-touch profile lets it in"
    assert told(standing) == (State.WAITING, reason, None)


@pytest.mark.parametrize("enrolments", [[PROFILE], []], ids=["profile", "no such profile"])
def test_a_zero_touch_device_that_asks_by_another_code_is_held(
    enrolments: list[Enrolment],
) -> None:
    standing = standing_of(
        ZERO_TOUCH, looked(a_request(), enrolments=enrolments), remembering("edge-1")
    )

    reason = "it asks by a code that was not given to this device"
    assert told(standing) == (State.HELD, reason, None)
    assert not standing.needs_enrolment


def test_a_request_by_a_foreign_code_is_held_for_a_person() -> None:
    request = a_request(code="foreign")

    standing = judged(request)

    reason = "it asks by a code that was not given to this device"
    assert told(standing) == (State.HELD, reason, None)
    assert standing.holds == (Hold(request, reason, DEVICE),)
    assert standing.is_settled


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.HOLD])
def test_a_new_device_held_for_a_foreign_code_is_enrolled_all_the_same(decision: Decision) -> None:
    standing = standing_of(DEVICE, looked(a_request(code="foreign")), Memory(), decision=decision)

    assert standing.state is State.HELD
    assert standing.needs_enrolment
    assert not standing.is_settled


def test_a_device_that_is_to_be_rejected_is_rejected_whatever_its_code() -> None:
    request = a_request(code="foreign")

    standing = standing_of(DEVICE, looked(request), Memory(), decision=Decision.REJECT)

    assert isinstance(standing.act, Reject)
    assert standing.act.request is request
    assert not standing.needs_enrolment


def test_a_device_held_for_a_foreign_code_still_has_its_unanswered_enrolment_asked_for() -> None:
    grant = a_grant(None)
    memory = Memory({"edge-1": enrolled(grants=(grant,))})

    standing = standing_of(DEVICE, looked(a_request(code="foreign")), memory)

    assert standing.state is State.HELD
    assert (standing.needs_enrolment, standing.unanswered) == (True, grant)


def test_a_held_device_has_nothing_asked_for_while_its_enrolment_may_still_be_made() -> None:
    grant, outcome_timeout = a_grant(None, made_at=NOW), Limits().outcome_timeout
    memory, look = Memory({"edge-1": enrolled(grants=(grant,))}), looked(a_request(code="foreign"))

    early = standing_of(DEVICE, look, memory, now=NOW + outcome_timeout - timedelta(milliseconds=1))
    due = standing_of(DEVICE, look, memory, now=NOW + outcome_timeout)

    assert early.state is due.state is State.HELD
    assert (early.needs_enrolment, early.unanswered) == (False, None)
    assert (due.needs_enrolment, due.unanswered) == (True, grant)


def test_several_machines_with_one_name_are_all_held() -> None:
    clones = a_request("1"), a_request("2", macs=[mac(1), mac(9)])

    standing = judged(*clones)

    assert told(standing) == (State.HELD, another_machine("1"), None)
    assert standing.holds == (
        Hold(clones[0], another_machine("2"), DEVICE),
        Hold(clones[1], another_machine("1"), DEVICE),
    )


def test_machines_that_share_nothing_but_a_device_are_all_held() -> None:
    device = a_device(macs=[mac(1), mac(2)])
    halves = a_request("1", macs=[mac(1)]), a_request("2", macs=[mac(2)])

    standing = judged(*halves, device=device)

    reason = "several machines ask in this device's name"
    assert told(standing) == (State.HELD, reason, None)
    assert standing.holds == tuple(Hold(half, reason, device) for half in halves)


def test_of_one_machine_that_knocks_twice_the_newest_request_is_approved() -> None:
    knocks = a_request("9"), a_request("10")

    standing = judged(*knocks)

    assert standing.act == Approve(DEVICE, knocks[1], EVIDENCE)
    reason = "the device already asked as request 10"
    assert standing.holds == (Hold(knocks[0], reason, DEVICE),)


def test_a_machine_that_knocks_again_after_its_approval_is_not_approved_twice() -> None:
    first, second = a_request("9"), a_request("10")

    standing = after(first, second, approved=frozenset({first.key}))

    assert told(standing) == (State.APPROVAL_NOT_SHOWN, NOT_SHOWN, None)
    assert standing.request == first
    assert standing.holds == (Hold(second, "the device already asked as request 9", DEVICE),)


def test_of_several_approved_knocks_the_newest_counts() -> None:
    knocks = a_request("9"), a_request("10"), a_request("11")

    standing = after(*knocks, approved=frozenset({knocks[0].key, knocks[1].key}))

    assert (standing.request, standing.act) == (knocks[1], None)
    assert [hold.request for hold in standing.holds] == [knocks[0], knocks[2]]


def test_an_approval_does_not_let_a_second_machine_in_by_the_same_name() -> None:
    approved, clone = a_request("9"), a_request("10", macs=[mac(1), mac(9)])

    standing = after(approved, clone, approved=frozenset({approved.key}))

    assert told(standing) == (State.HELD, another_machine("9"), None)


def test_a_knock_by_a_foreign_code_does_not_keep_the_right_one_out() -> None:
    right, foreign = a_request("1"), a_request("2", code="foreign")

    standing = judged(right, foreign)

    assert standing.act == Approve(DEVICE, right, EVIDENCE)
    assert [hold.request for hold in standing.holds] == [foreign]


KEY = a_request().key


@pytest.mark.parametrize(
    ("past", "state", "reason"),
    [
        (
            {"refused": {(ActionKind.APPROVE, KEY): "no licence"}},
            State.FAILED,
            "refused: no licence",
        ),
        (
            {"approved": frozenset({KEY})},
            State.APPROVAL_NOT_SHOWN,
            NOT_SHOWN,
        ),
        (
            {"rejected": frozenset({KEY})},
            State.REJECTED,
            "its system has not noted it yet",
        ),
        (
            {"pending": frozenset({KEY})},
            State.WAITING,
            "asked; what was decided on it was not answered, and may still come to pass",
        ),
    ],
    ids=["refused", "approved", "rejected", "pending"],
)
@pytest.mark.parametrize("decision", Decision)
def test_what_was_decided_already_is_not_decided_again(
    past: dict[str, object], state: State, reason: str, decision: Decision
) -> None:
    memory = remembering("edge-1", **past)

    standing = standing_of(DEVICE, looked(a_request()), memory, decision=decision)

    assert told(standing) == (state, reason, None)


def test_an_approval_is_shown_as_soon_as_its_system_shows_any_progress() -> None:
    approved = {"approved": frozenset({KEY})}

    assert after(a_request(), **approved).state is State.APPROVAL_NOT_SHOWN
    assert not after(a_request(), **approved).is_settled
    begun = a_request(progress=Progress.PROVISIONING)
    assert after(begun, **approved).state is State.PROVISIONING
    rejected = a_request(progress=Progress.REJECTED)
    assert after(rejected, **approved).state is State.REJECTED


def test_an_approved_request_that_is_shown_no_more_is_not_taken_for_one_that_was_never_made() -> (
    None
):
    standing = after(approved=frozenset({KEY}))

    reason = (
        "LEM answered its approval, and shows its request no more; boot it with the code ending in "
        "AB12C, and it asks again"
    )
    assert told(standing) == (State.APPROVAL_NOT_SHOWN, reason, None)
    assert (standing.request, standing.needs_enrolment, standing.is_settled) == (None, False, False)


@pytest.mark.parametrize(
    "past",
    [
        {"approved": frozenset({a_request(code="an earlier one").key})},
        {"approved": frozenset({KEY}), "confirmed_as": "d1"},
        {"rejected": frozenset({KEY})},
    ],
    ids=["by an earlier code", "was in service", "was rejected"],
)
def test_only_an_approval_by_the_code_it_has_now_is_missed(past: dict[str, object]) -> None:
    standing = after(**past)

    reason = "has not asked yet; boot it with the code ending in AB12C"
    assert told(standing) == (State.WAITING, reason, None)


def test_an_approval_that_was_not_shown_does_not_keep_a_device_from_a_new_code() -> None:
    past = enrolled(approved=frozenset({KEY}))

    standing = unseen(an_enrolment(expires_at=NOW), past=past)

    assert (standing.state, standing.needs_enrolment) == (State.NOT_ENROLLED, True)


def test_a_decision_about_one_request_says_nothing_of_the_next() -> None:
    standing = after(a_request("2"), approved=frozenset({KEY}))

    assert standing.act == Approve(DEVICE, a_request("2"), EVIDENCE)


def test_a_machine_that_knocks_again_while_its_approval_may_still_happen_is_not_let_in_twice() -> (
    None
):
    first, second = a_request("9"), a_request("10")

    standing = after(first, second, pending=frozenset({first.key}))

    assert (standing.state, standing.request, standing.act) == (State.WAITING, first, None)
    assert standing.holds == (Hold(second, "the device already asked as request 9", DEVICE),)


@pytest.mark.parametrize("how", ["approved", "rejected", "pending", "refused"])
def test_a_run_told_to_reject_rejects_the_knocks_that_are_undecided_first(how: str) -> None:
    first, second = a_request("9", code="foreign"), a_request("10")
    decided = (
        {(ActionKind.REJECT, second.key): "no"} if how == "refused" else frozenset({second.key})
    )

    standing = standing_of(
        DEVICE,
        looked(first, second),
        remembering("edge-1", **{how: decided}),
        decision=Decision.REJECT,
    )

    assert standing.act == Reject(DEVICE, first, TOLD)


def test_a_run_told_to_reject_turns_the_matching_request_away() -> None:
    standing = judged(a_request(), decision=Decision.REJECT)

    act = Reject(DEVICE, a_request(), TOLD)
    assert told(standing) == (State.WAITING, f"asked; it is to be rejected: {TOLD}", act)


def test_where_a_person_decides_every_request_is_held() -> None:
    knocks = a_request("1"), a_request("2")

    standing = judged(*knocks, policy=HUMAN)

    assert told(standing) == (State.HELD, f"a person decides here; {EVIDENCE}", None)
    assert {hold.request for hold in standing.holds} == {*knocks}


# After it was let in


def test_a_device_being_provisioned_is_told_with_its_last_step() -> None:
    request = a_request(progress=Progress.PROVISIONING)
    further = replace(request, steps=(Step("BOOT", "DONE"), Step("TUNNEL", "RUNNING")))

    reason = "approved and being provisioned"
    assert told(judged(request)) == (State.PROVISIONING, reason, None)
    reason = "approved and being provisioned; last step: TUNNEL"
    assert told(judged(further)) == (State.PROVISIONING, reason, None)


@pytest.mark.parametrize("device_id", ["d1", None])
def test_a_provisioned_device_that_the_system_does_not_list_is_not_in_service(
    device_id: str | None,
) -> None:
    standing = judged(replace(SERVING, device_id=device_id), present=["d2"])

    reason = "provisioned, but not yet in the system's list of devices"
    assert told(standing) == (State.PROVISIONING, reason, None)


def test_a_device_that_was_in_the_list_is_there_no_more() -> None:
    memory = remembering("edge-1", confirmed_as="d1")

    standing = standing_of(DEVICE, looked(SERVING, present=["d2"]), memory)

    reason = "provisioned, and no more in the system's list of devices"
    assert told(standing) == (State.PROVISIONING, reason, None)


def test_a_device_in_the_list_is_confirmed() -> None:
    standing = judged(SERVING, present=["d1"])

    reason = "provisioned and in the list of devices"
    assert told(standing) == (State.IN_SERVICE, reason, Confirm(DEVICE, SERVING))
    assert not standing.is_settled


@pytest.mark.parametrize("confirmed_as", ["d1", "an earlier id"])
def test_a_device_is_confirmed_once_under_each_id(confirmed_as: str) -> None:
    memory = remembering("edge-1", confirmed_as=confirmed_as)

    standing = standing_of(DEVICE, looked(SERVING, present=["d1"]), memory)

    assert standing.is_settled is (confirmed_as == "d1")
    assert standing.act == (None if confirmed_as == "d1" else Confirm(DEVICE, SERVING))


def test_a_device_whose_request_somebody_deleted_is_in_service_as_long_as_it_is_listed() -> None:
    memory = remembering("edge-1", confirmed_as="d1")

    listed = standing_of(DEVICE, looked(present=["d1"]), memory)
    late = standing_of(DEVICE, looked(present=["d1"]), memory, decision=Decision.REJECT)

    reason = "in the list of devices; LEM has its request no more"
    assert told(listed) == (State.IN_SERVICE, reason, None)
    assert told(late) == (State.FAILED, TOO_LATE, None)
    assert standing_of(DEVICE, looked(present=["d2"]), memory).state is State.WAITING


def test_a_device_in_service_outweighs_its_later_failure_and_its_later_knocks() -> None:
    failure, knock = replace(FAILED, id="2"), a_request("3")

    standing = judged(SERVING, failure, knock, present=["d1"])

    assert standing.state is State.IN_SERVICE
    assert standing.holds == (Hold(knock, "the device already asked as request 1", DEVICE),)


def test_of_two_requests_let_in_the_later_one_counts() -> None:
    later = a_request("2", progress=Progress.PROVISIONING)

    assert judged(FAILED, later).request == later


# Failure and retry


def test_a_failed_provisioning_is_retried_with_its_reason() -> None:
    standing = judged(FAILED)

    why = "provisioning failed: disk full"
    act = Retry(DEVICE, FAILED, why)
    assert told(standing) == (State.PROVISIONING, f"{why}; retry 1 of 3", act)


def test_a_failure_without_message_is_told_by_its_status() -> None:
    assert judged(replace(FAILED, message="")).act == Retry(
        DEVICE, replace(FAILED, message=""), "provisioning failed: FAILED"
    )


@pytest.mark.parametrize(("retries", "gap"), [(1, 5), (2, 10), (3, 20), (4, 40)])
def test_every_retry_waits_twice_as_long_as_the_one_before(retries: int, gap: int) -> None:
    limits, gap_ = Limits(retries=9), timedelta(seconds=gap)
    moment = timedelta(seconds=1)

    early = after(FAILED, limits=limits, retries=retries, retried_at=NOW - gap_ + moment)
    due = after(FAILED, limits=limits, retries=retries, retried_at=NOW - gap_)

    reason = f"provisioning failed: disk full; retry {retries + 1} of 9"
    assert told(early) == (State.PROVISIONING, reason, None)
    assert told(due) == (
        State.PROVISIONING,
        reason,
        Retry(DEVICE, FAILED, "provisioning failed: disk full"),
    )


@pytest.mark.parametrize(("retries", "times"), [(1, "once"), (2, "2 times"), (3, "3 times")])
def test_a_failure_that_used_up_its_retries_is_final(retries: int, times: str) -> None:
    limits = Limits(retries=retries)

    standing = after(FAILED, limits=limits, retries=retries, retried_at=NOW - HOUR)

    reason = f"provisioning failed: disk full; retried {times}"
    assert told(standing) == (State.FAILED, reason, None)
    assert standing.is_settled


def test_a_policy_without_retries_fails_at_once() -> None:
    standing = after(FAILED, limits=Limits(retries=0))

    assert told(standing) == (State.FAILED, "provisioning failed: disk full", None)


def test_a_refused_retry_is_final() -> None:
    standing = after(FAILED, refused={(Retry.kind, FAILED.key): "not now"})

    reason = "provisioning failed: disk full; the retry was refused: not now"
    assert told(standing) == (State.FAILED, reason, None)


def test_a_refused_approval_does_not_stop_the_retries_of_who_was_let_in_all_the_same() -> None:
    standing = after(FAILED, refused={(ActionKind.APPROVE, FAILED.key): "not now"})

    assert standing.act == Retry(DEVICE, FAILED, "provisioning failed: disk full")


@pytest.mark.parametrize(
    "request_",
    [FAILED, SERVING, a_request(progress=Progress.PROVISIONING)],
    ids=["failed", "in service", "being provisioned"],
)
def test_a_run_told_to_reject_can_do_nothing_about_who_was_let_in(request_: Request) -> None:
    standing = judged(request_, present=["d1"], decision=Decision.REJECT)

    reason = "cannot be rejected any more: it was let in; remove it in its system"
    assert told(standing) == (State.FAILED, reason, None)
    assert standing.is_settled


# Turned away


def test_a_rejected_device_is_told_how_it_may_ask_again() -> None:
    standing = judged(a_request(progress=Progress.REJECTED))

    reason = "delete the request in LEM before the device can ask again"
    assert told(standing) == (State.REJECTED, reason, None)
    assert standing.is_settled


def test_a_deactivated_device_is_held_for_a_person() -> None:
    request = a_request(progress=Progress.DEACTIVATED)

    standing = judged(request)

    reason = "deactivated in its system; a person must say what is wanted"
    assert told(standing) == (State.HELD, reason, None)
    assert standing.holds == (Hold(request, reason, DEVICE),)


def test_a_rejected_device_that_asks_anew_is_judged_by_its_new_request() -> None:
    standing = judged(a_request("1", progress=Progress.REJECTED), a_request("2"))

    assert standing.act == Approve(DEVICE, a_request("2"), EVIDENCE)


def test_of_two_requests_turned_away_the_newest_counts() -> None:
    standing = judged(
        a_request("1", progress=Progress.DEACTIVATED), a_request("2", progress=Progress.REJECTED)
    )

    assert standing.state is State.REJECTED


def test_a_shared_code_is_no_identity_for_a_device_that_lost_its_own() -> None:
    memory = remembering("edge-1", "edge-2")

    standing = standing_of(a_device(macs=[]), looked(a_request(macs=[mac(9)])), memory)

    assert CODE in memory.of("edge-1").enrolment_ids
    assert told(standing) == (State.NOT_ENROLLED, "new on the roster", None)
    assert standing.needs_enrolment
