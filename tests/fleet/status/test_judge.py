"""Judging, by example: every state, the reason in the words an operator reads, and the act."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fleet.action.action import Action, Approve, Confirm, Hold, Reject, Retry
from fleet.admission.policy import HUMAN
from fleet.device.device import Device
from fleet.device.enrollment import FINGERPRINT_ROOM, Enrollment
from fleet.device.request import Progress, Request, Step
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.memory import ENROLLMENT, EnrollmentRecord, Memory, Remembered
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.status.enrollment import TOO_LATE
from fleet.status.limits import Limits
from fleet.status.pending_requests import REJECTED_BY_RUN
from fleet.status.status import DeviceStatus
from tests.fleet.builders import (
    CODE,
    EXPIRY,
    HOUR,
    NOW,
    a_device,
    a_request,
    an_enrollment,
    an_enrollment_record,
    an_own_enrollment_record,
    enrolled,
    mac,
    remembering,
    shown,
    status_of,
)

DEVICE = a_device()
ZERO_TOUCH = a_device(zero_touch="lab")
PROFILE = an_enrollment("profile", profile="lab")
NOT_SHOWN = "LEM answered its approval, and does not show it"
EVIDENCE = f"it shows this site's code and MAC {mac(1)}"
FAILED = a_request(progress=Progress.FAILED, status="FAILED", message="disk full")
SERVING = a_request(progress=Progress.PROVISIONED, device_id="d1")


def judged(*requests: Request, device: Device = DEVICE, **more: object) -> DeviceStatus:
    """Where an enrolled device stands that asked by `requests`."""
    present = more.pop("present", ())
    return status_of(device, shown(*requests, present=present), remembering("edge-1"), **more)


def after(*requests: Request, limits: Limits | None = None, **past: object) -> DeviceStatus:
    """Where an enrolled device stands that asked by `requests` and for which `past` was done."""
    return status_of(DEVICE, shown(*requests), remembering("edge-1", **past), limits)


def unseen(
    *enrollments: Enrollment,
    device: Device = DEVICE,
    past: Remembered | None = None,
    now: datetime = NOW,
    **more: object,
) -> DeviceStatus:
    """Where a device stands that never asked."""
    memory = Memory({"edge-1": past} if past else {})
    return status_of(device, Observation(enrollments), memory, now=now, **more)


def another_machine(id_: str) -> str:
    return f"request {id_} (waiting) shows the same MAC {mac(1)}, but is another machine"


def message(status: DeviceStatus) -> tuple[State, str, Action | None]:
    return status.state, status.reason, status.action


# Before it asks


def test_a_device_that_is_new_on_the_roster_is_enrolled() -> None:
    status = unseen()

    assert message(status) == (State.NOT_ENROLLED, "new on the roster", None)
    assert status.needs_enrollment


def test_an_enrolled_device_is_waited_for_by_the_ending_of_its_code() -> None:
    status = unseen(an_enrollment(), past=enrolled())

    reason = "has not asked yet; boot it with the code ending in AB12C"
    assert message(status) == (State.WAITING, reason, None)
    assert not status.needs_enrollment


@pytest.mark.parametrize(
    ("enrollment", "reason"),
    [
        (an_enrollment(expires_at=NOW), "its code expired at 2026-03-02 09:00 UTC"),
        (an_enrollment(used=5), "other devices used up the code ending in AB12C"),
        (an_enrollment("another"), "its enrollment is not in the system any more"),
    ],
    ids=["expired", "exhausted", "gone"],
)
def test_a_device_whose_enrollment_is_no_longer_good_is_enrolled_anew(
    enrollment: Enrollment, reason: str
) -> None:
    status = unseen(enrollment, past=enrolled())

    assert message(status) == (State.NOT_ENROLLED, reason, None)
    assert status.needs_enrollment


@pytest.mark.parametrize(("skew", "is_good"), [(HOUR, False), (-HOUR, True)])
def test_a_code_is_good_by_the_clock_of_its_system(skew: timedelta, is_good: bool) -> None:
    soon = an_enrollment(expires_at=NOW + HOUR / 2 if skew > timedelta() else NOW - HOUR / 2)
    observed = Observation((soon,), skew=skew)

    status = status_of(DEVICE, observed, remembering("edge-1"))

    assert (status.state is State.WAITING, status.needs_enrollment) == (is_good, not is_good)


@pytest.mark.parametrize(
    ("record", "skew", "said"),
    [
        ({"made_at": NOW - HOUR}, HOUR, "LEM's clock is 60 min ahead of ours"),
        ({"made_at": NOW}, timedelta(), "or its clock differs from ours"),
        ({"made_at": NOW - timedelta(seconds=69)}, timedelta(), "or its clock differs from ours"),
        ({"made_at": NOW - timedelta(seconds=70)}, timedelta(seconds=-20), ""),
        ({"made_at": NOW, "adopted": True}, timedelta(), ""),
        ({"made_at": NOW - timedelta(seconds=70)}, timedelta(), ""),
    ],
    ids=["differs", "when made", "soon", "not by its clock", "made by others", "a minute later"],
)
def test_a_code_that_expired_says_what_clocks_may_have_to_do_with_it(
    record: dict[str, Any], skew: timedelta, said: str
) -> None:
    expired = an_enrollment(expires_at=NOW - timedelta(seconds=10) + min(skew, timedelta()))
    past = enrolled(enrollments=(an_enrollment_record(**record),))
    observed = Observation((expired,), skew=skew)

    status = status_of(DEVICE, observed, Memory({"edge-1": past}))

    assert status.code is ReasonCode.CODE_EXPIRED
    assert said in status.reason
    assert ("clock" in status.reason) is bool(said)


@pytest.mark.parametrize(("limit", "times"), [(1, "1 times"), (2, "twice"), (3, "3 times")])
def test_a_run_gives_a_device_up_that_gets_no_further_by_its_enrollments(
    limit: int, times: str
) -> None:
    past, nothing = enrolled(enrolled=limit), Observation()
    memory = Memory({"edge-1": past})

    last = status_of(DEVICE, nothing, memory, Limits(enrollments=limit))
    more = status_of(DEVICE, nothing, memory, Limits(enrollments=limit + 1))

    assert (last.code, last.needs_enrollment) == (ReasonCode.ENROLLMENT_GIVEN_UP, False)
    assert f"was made {times} in this run" in last.reason
    assert (more.code, more.needs_enrollment) == (ReasonCode.ENROLLMENT_MISSING, True)


@pytest.mark.parametrize(("made", "gap"), [(1, 5), (2, 10), (3, 20)])
def test_each_further_enrollment_of_a_run_waits_twice_as_long(made: int, gap: int) -> None:
    past = enrolled(enrolled=made, enrollments=(an_enrollment_record(made_at=NOW),))
    memory, limits = Memory({"edge-1": past}), Limits(enrollments=9, grace=timedelta())
    due_at = NOW + timedelta(seconds=gap)

    early = status_of(DEVICE, Observation(), memory, limits, due_at - timedelta(milliseconds=1))
    due = status_of(DEVICE, Observation(), memory, limits, due_at)

    assert early.code is due.code is ReasonCode.ENROLLMENT_MISSING
    assert (early.needs_enrollment, due.needs_enrollment) == (False, True)


def test_a_new_enrollment_may_be_unlisted_for_the_grace_and_not_a_moment_longer() -> None:
    past, grace = enrolled(enrollments=(an_enrollment_record(made_at=NOW),)), Limits().grace

    early = unseen(past=past, now=NOW + grace - timedelta(seconds=1))
    late = unseen(past=past, now=NOW + grace)

    reason = "has not asked yet; its enrollment is not yet listed"
    assert message(early) == (State.WAITING, reason, None)
    assert not early.needs_enrollment
    assert message(late) == (
        State.NOT_ENROLLED,
        "its enrollment is not in the system any more",
        None,
    )
    assert late.needs_enrollment


def test_an_unanswered_enrollment_is_asked_for_again_until_it_would_have_expired() -> None:
    record = an_enrollment_record(None)
    past = enrolled(enrollments=(an_enrollment_record(), record))

    before = unseen(an_enrollment(), past=past, now=EXPIRY - HOUR)
    afterwards = unseen(past=past, now=EXPIRY, expires_at=EXPIRY + HOUR)

    reason = "its enrollment was asked for, and it is unknown whether it was made"
    assert message(before) == (State.NOT_ENROLLED, reason, None)
    assert (before.needs_enrollment, before.unanswered) == (True, record)
    assert message(afterwards)[1] == "its enrollment is not in the system any more"
    assert (afterwards.needs_enrollment, afterwards.unanswered) == (True, None)


@pytest.mark.parametrize(
    "outcome_timeout", [Limits().outcome_timeout, HOUR], ids=["a minute", "an hour"]
)
def test_an_unanswered_enrollment_may_still_be_made_until_the_outcome_timeout(
    outcome_timeout: timedelta,
) -> None:
    record = an_enrollment_record(None, made_at=NOW)
    memory, limits = (
        Memory({"edge-1": enrolled(enrollments=(record,))}),
        Limits(outcome_timeout=outcome_timeout),
    )
    moment = timedelta(milliseconds=1)

    early = status_of(DEVICE, Observation(), memory, limits, NOW + outcome_timeout - moment)
    due = status_of(DEVICE, Observation(), memory, limits, NOW + outcome_timeout)

    reason = "its enrollment was asked for, and it is unknown whether it was made"
    assert message(early) == message(due) == (State.NOT_ENROLLED, reason, None)
    assert (early.needs_enrollment, early.unanswered, early.has_converged) == (False, None, False)
    assert (due.needs_enrollment, due.unanswered) == (True, record)


def test_an_outcome_that_is_unknown_is_reported_with_the_last_error() -> None:
    answer = "POST /x: 500. See its own log"
    record = an_enrollment_record(None, made_at=NOW, answer=answer)
    memory = Memory({"edge-1": enrolled(enrollments=(record,))})

    reason = message(status_of(DEVICE, Observation(), memory))[1]

    assert reason.endswith(f"whether it was made. The last call failed: {answer}")


def test_the_limits_of_a_run_that_names_none() -> None:
    assert Limits() == Limits(
        retries=3,
        enrollments=2,
        retry_gap=timedelta(seconds=5),
        retries_lost_keys=True,
        outcome_timeout=timedelta(seconds=60),
        grace=timedelta(minutes=5),
    )


@pytest.mark.parametrize(
    ("record", "enrollments"),
    [
        (an_enrollment_record(made_at=NOW), (an_enrollment(used=5),)),
        (an_enrollment_record(None, made_at=NOW - timedelta(minutes=1), wanted_expiry=NOW), ()),
    ],
    ids=["it is listed, and used up", "it was never answered, and would have expired"],
)
def test_an_enrollment_that_ended_within_its_grace_is_made_anew(
    record: EnrollmentRecord, enrollments: tuple[Enrollment, ...]
) -> None:
    status = unseen(*enrollments, past=enrolled(enrollments=(record,)))

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, True)


@pytest.mark.parametrize("id_", ["AB12C", None], ids=["made", "unanswered"])
def test_an_enrollment_that_an_unreadable_entry_may_be_is_not_made_again(id_: str | None) -> None:
    record = an_enrollment_record(id_, made_at=NOW - HOUR)
    memory = Memory({"edge-1": enrolled(enrollments=(record,))})
    places = ("GET /list: entry 3.code", "GET /list: entry 4.code")

    hidden = status_of(DEVICE, Observation(unreadable=places), memory)
    shown = status_of(DEVICE, Observation(), memory)

    assert (hidden.needs_enrollment, shown.needs_enrollment) == (False, True)
    assert "2 entries (the first: GET /list: entry 3.code)" in hidden.reason


@pytest.mark.parametrize(
    "enrollments",
    [(), (an_enrollment_record(None),), (an_enrollment_record(None, made_at=NOW),)],
    ids=["new", "lost", "unanswered"],
)
def test_a_device_for_which_no_enrollment_could_be_made_has_failed(
    enrollments: tuple[EnrollmentRecord, ...],
) -> None:
    status = unseen(past=enrolled(enrollments=enrollments, refused={ENROLLMENT: "no licence"}))

    assert message(status) == (State.FAILED, "not enrolled: no licence", None)
    assert not status.needs_enrollment
    assert status.has_converged


@pytest.mark.parametrize(
    "enrollments", [(), (an_enrollment_record(None),)], ids=["new", "unanswered"]
)
def test_a_held_device_for_which_no_enrollment_could_be_made_is_not_enrolled_again(
    enrollments: tuple[EnrollmentRecord, ...],
) -> None:
    request = a_request(code="foreign")
    past = enrolled(enrollments=enrollments, refused={ENROLLMENT: "no licence"})

    status = status_of(DEVICE, shown(request), Memory({"edge-1": past}))

    assert status.state is State.HELD
    assert not status.needs_enrollment


@pytest.mark.parametrize(
    ("past", "reason"),
    [
        (None, "new on the roster"),
        (enrolled(), "its enrollment is not in the system any more"),
        (
            enrolled(enrollments=(an_enrollment_record(None, wanted_expiry=EXPIRY + HOUR),)),
            "its enrollment was asked for, and it is unknown whether it was made",
        ),
    ],
    ids=["new", "gone", "unanswered"],
)
def test_no_enrollment_is_wished_for_that_leaves_no_room_for_a_fingerprint_before_its_expiry(
    past: Remembered | None, reason: str
) -> None:
    moment = timedelta(milliseconds=1)

    before = unseen(past=past, now=EXPIRY - FINGERPRINT_ROOM - moment)
    afterwards = unseen(past=past, now=EXPIRY - FINGERPRINT_ROOM)

    assert message(before) == (State.NOT_ENROLLED, reason, None)
    assert before.needs_enrollment
    late = f"{reason}; this run's codes are about to expire, run it again for new ones"
    assert message(afterwards) == (State.NOT_ENROLLED, late, None)
    assert (afterwards.needs_enrollment, afterwards.unanswered) == (False, None)


@pytest.mark.parametrize(
    ("skew", "early"), [(HOUR, HOUR), (-HOUR, timedelta()), (timedelta(), timedelta())]
)
def test_no_code_is_wished_for_that_has_expired_by_either_clock(
    skew: timedelta, early: timedelta
) -> None:
    observed, late = Observation(skew=skew), EXPIRY - FINGERPRINT_ROOM - early
    moment = timedelta(milliseconds=1)

    found = [
        status_of(DEVICE, observed, Memory(), now=now).needs_enrollment
        for now in (late - moment, late)
    ]

    assert found == [True, False]


def test_a_device_held_after_the_runs_codes_expired_is_held_and_not_enrolled() -> None:
    request = a_request(code="foreign")

    status = status_of(DEVICE, shown(request), Memory(), now=EXPIRY - FINGERPRINT_ROOM)

    reason = "it asks by a code that was not given to this device"
    late = f"{reason}; this run's codes are about to expire, run it again for new ones"
    assert message(status) == (State.HELD, late, None)
    assert status.holds == (Hold(request, ReasonCode.OTHER_CODE, reason, DEVICE),)
    assert not status.needs_enrollment
    assert status.has_converged


def test_a_device_that_needs_no_enrollment_is_not_reported_that_the_runs_codes_expired() -> None:
    status = unseen(
        an_enrollment(expires_at=EXPIRY + HOUR), past=enrolled(), now=EXPIRY - FINGERPRINT_ROOM
    )

    reason = "has not asked yet; boot it with the code ending in AB12C"
    assert message(status) == (State.WAITING, reason, None)


def test_only_the_latest_enrollment_counts() -> None:
    past = enrolled(enrollments=(an_enrollment_record("old"), an_enrollment_record()))

    status = unseen(an_enrollment("old", expires_at=NOW), an_enrollment(), past=past)

    assert status.state is State.WAITING


def test_a_zero_touch_device_is_never_enrolled() -> None:
    status = unseen(PROFILE, device=ZERO_TOUCH)

    reason = "has not asked yet; its zero-touch profile is ready"
    assert message(status) == (State.WAITING, reason, None)
    assert not status.needs_enrollment


@pytest.mark.parametrize(
    "profile",
    [replace(PROFILE, expires_at=NOW), replace(PROFILE, used=PROFILE.capacity)],
    ids=["expired", "used up"],
)
def test_a_zero_touch_device_whose_profile_is_no_longer_good_is_reported_that_it_cannot_ask(
    profile: Enrollment,
) -> None:
    status = unseen(profile, device=ZERO_TOUCH)

    reason = "has not asked yet, and cannot: its zero-touch profile has expired or is used up"
    assert message(status) == (State.WAITING, reason, None)
    assert not status.needs_enrollment


def test_a_device_that_is_to_be_rejected_is_not_enrolled_for_it() -> None:
    status = unseen(decision=Decision.REJECT)

    assert message(status) == (State.WAITING, "has not asked to be admitted", None)
    assert not status.needs_enrollment


# At the door


def test_a_request_that_matches_is_approved_with_its_evidence() -> None:
    status = judged(a_request())

    action = Approve(DEVICE, a_request(), EVIDENCE)
    assert message(status) == (State.WAITING, f"asked; {EVIDENCE}", action)


def test_a_device_without_identity_is_approved_by_its_own_code() -> None:
    nobody = a_device(macs=[])
    memory = remembering("edge-1", enrollments=(an_own_enrollment_record(),))

    status = status_of(nobody, shown(a_request(macs=[mac(9)])), memory)

    evidence = "it shows the code made for this device alone"
    assert status.action == Approve(nobody, a_request(macs=[mac(9)]), evidence)


def test_a_zero_touch_device_is_never_approved_by_us() -> None:
    request = a_request(code="profile")

    status = status_of(ZERO_TOUCH, shown(request, enrollments=[PROFILE]), Memory())

    reason = "asked; its zero-touch profile admits it"
    assert message(status) == (State.WAITING, reason, None)


@pytest.mark.parametrize("enrollments", [[PROFILE], []], ids=["profile", "no such profile"])
def test_a_zero_touch_device_that_asks_by_another_code_is_held(
    enrollments: list[Enrollment],
) -> None:
    status = status_of(
        ZERO_TOUCH, shown(a_request(), enrollments=enrollments), remembering("edge-1")
    )

    reason = "it asks by a code that was not given to this device"
    assert message(status) == (State.HELD, reason, None)
    assert not status.needs_enrollment


def test_a_request_by_a_foreign_code_is_held_for_a_person() -> None:
    request = a_request(code="foreign")

    status = judged(request)

    reason = "it asks by a code that was not given to this device"
    assert message(status) == (State.HELD, reason, None)
    assert status.holds == (Hold(request, ReasonCode.OTHER_CODE, reason, DEVICE),)
    assert status.has_converged


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.HOLD])
def test_a_new_device_held_for_a_foreign_code_is_enrolled_all_the_same(decision: Decision) -> None:
    status = status_of(DEVICE, shown(a_request(code="foreign")), Memory(), decision=decision)

    assert status.state is State.HELD
    assert status.needs_enrollment
    assert not status.has_converged


def test_a_device_that_is_to_be_rejected_is_rejected_whatever_its_code() -> None:
    request = a_request(code="foreign")

    status = status_of(DEVICE, shown(request), Memory(), decision=Decision.REJECT)

    assert isinstance(status.action, Reject)
    assert status.action.request is request
    assert not status.needs_enrollment


def test_a_device_held_for_a_foreign_code_still_has_its_unanswered_enrollment_asked_for() -> None:
    record = an_enrollment_record(None)
    memory = Memory({"edge-1": enrolled(enrollments=(record,))})

    status = status_of(DEVICE, shown(a_request(code="foreign")), memory)

    assert status.state is State.HELD
    assert (status.needs_enrollment, status.unanswered) == (True, record)


def test_a_held_device_has_nothing_asked_for_while_its_enrollment_may_still_be_made() -> None:
    record, outcome_timeout = an_enrollment_record(None, made_at=NOW), Limits().outcome_timeout
    memory, observation = (
        Memory({"edge-1": enrolled(enrollments=(record,))}),
        shown(a_request(code="foreign")),
    )

    early = status_of(
        DEVICE, observation, memory, now=NOW + outcome_timeout - timedelta(milliseconds=1)
    )
    due = status_of(DEVICE, observation, memory, now=NOW + outcome_timeout)

    assert early.state is due.state is State.HELD
    assert (early.needs_enrollment, early.unanswered) == (False, None)
    assert (due.needs_enrollment, due.unanswered) == (True, record)


def test_several_machines_with_one_name_are_all_held() -> None:
    clones = a_request("1"), a_request("2", macs=[mac(1), mac(9)])

    status = judged(*clones)

    assert message(status) == (State.HELD, another_machine("1"), None)
    assert status.holds == (
        Hold(clones[0], ReasonCode.CLONE, another_machine("2"), DEVICE),
        Hold(clones[1], ReasonCode.CLONE, another_machine("1"), DEVICE),
    )


def test_machines_that_share_nothing_but_a_device_are_all_held() -> None:
    device = a_device(macs=[mac(1), mac(2)])
    halves = a_request("1", macs=[mac(1)]), a_request("2", macs=[mac(2)])

    status = judged(*halves, device=device)

    reason = "several machines ask in this device's name"
    assert message(status) == (State.HELD, reason, None)
    assert status.holds == tuple(
        Hold(half, ReasonCode.SEVERAL_MACHINES, reason, device) for half in halves
    )


def test_of_two_requests_with_one_identity_either_may_be_a_clone() -> None:
    asks = a_request("9"), a_request("10")

    status = judged(*asks)

    reason = "requests 9 and 10 show one identity: it asked twice, or one is a clone of it"
    assert message(status) == (State.HELD, reason, None)
    assert status.holds == tuple(
        Hold(ask, ReasonCode.SEVERAL_MACHINES, reason, DEVICE) for ask in asks
    )


def test_of_two_requests_with_one_number_neither_is_approved() -> None:
    ours, other = a_request("9"), a_request("9", code="another site's", macs=[mac(7)])

    status = judged(ours, other)

    assert (status.state, status.action) == (State.HELD, None)
    assert status.reason == "LEM lists another request as number 9 too"
    assert [hold.code for hold in status.holds] == [ReasonCode.DOUBLED_NUMBER]


def test_the_same_entry_listed_twice_is_one_request() -> None:
    request = a_request("9")

    assert judged(request, request).action == Approve(DEVICE, request, EVIDENCE)


def test_a_machine_that_asks_again_after_its_approval_is_not_approved_twice() -> None:
    first, second = a_request("9"), a_request("10")

    status = after(first, second, approved=frozenset({first.key}))

    assert message(status) == (State.APPROVAL_NOT_SHOWN, NOT_SHOWN, None)
    assert status.request == first
    assert status.holds == (
        Hold(second, ReasonCode.SECOND, "the device already asked as request 9", DEVICE),
    )


def test_of_several_approved_requests_the_newest_counts() -> None:
    asks = a_request("9"), a_request("10"), a_request("11")

    status = after(*asks, approved=frozenset({asks[0].key, asks[1].key}))

    assert (status.request, status.action) == (asks[1], None)
    assert [hold.request for hold in status.holds] == [asks[0], asks[2]]


def test_an_approval_does_not_let_a_second_machine_in_by_the_same_name() -> None:
    approved, clone = a_request("9"), a_request("10", macs=[mac(1), mac(9)])

    status = after(approved, clone, approved=frozenset({approved.key}))

    assert message(status) == (State.HELD, another_machine("9"), None)


def test_a_request_by_a_foreign_code_does_not_keep_the_right_one_out() -> None:
    right, foreign = a_request("1"), a_request("2", code="foreign")

    status = judged(right, foreign)

    assert status.action == Approve(DEVICE, right, EVIDENCE)
    assert [hold.request for hold in status.holds] == [foreign]


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
            "rejected; its system does not show that yet",
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

    status = status_of(DEVICE, shown(a_request()), memory, decision=decision)

    assert message(status) == (state, reason, None)


def test_an_approval_is_shown_as_soon_as_its_system_shows_any_progress() -> None:
    approved = {"approved": frozenset({KEY})}

    assert after(a_request(), **approved).state is State.APPROVAL_NOT_SHOWN
    assert not after(a_request(), **approved).has_converged
    begun = a_request(progress=Progress.PROVISIONING)
    assert after(begun, **approved).state is State.PROVISIONING
    rejected = a_request(progress=Progress.REJECTED)
    assert after(rejected, **approved).state is State.REJECTED


def test_an_approved_request_that_is_shown_no_more_is_not_taken_for_one_that_was_never_made() -> (
    None
):
    status = after(approved=frozenset({KEY}))

    reason = (
        "LEM answered its approval, and shows its request no more; boot it with the code ending in "
        "AB12C, and it asks again"
    )
    assert message(status) == (State.APPROVAL_NOT_SHOWN, reason, None)
    assert (status.request, status.needs_enrollment, status.has_converged) == (None, False, False)


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
    status = after(**past)

    reason = "has not asked yet; boot it with the code ending in AB12C"
    assert message(status) == (State.WAITING, reason, None)


def test_an_approval_that_was_not_shown_does_not_keep_a_device_from_a_new_code() -> None:
    past = enrolled(approved=frozenset({KEY}))

    status = unseen(an_enrollment(expires_at=NOW), past=past)

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, True)


def test_a_decision_about_one_request_says_nothing_of_the_next() -> None:
    status = after(a_request("2"), approved=frozenset({KEY}))

    assert status.action == Approve(DEVICE, a_request("2"), EVIDENCE)


def test_a_machine_that_asks_again_while_its_approval_may_still_happen_is_not_admitted_twice() -> (
    None
):
    first, second = a_request("9"), a_request("10")

    status = after(first, second, pending=frozenset({first.key}))

    assert (status.state, status.request, status.action) == (State.WAITING, first, None)
    assert status.holds == (
        Hold(second, ReasonCode.SECOND, "the device already asked as request 9", DEVICE),
    )


@pytest.mark.parametrize("how", ["approved", "rejected", "pending", "refused"])
def test_a_run_asked_to_reject_rejects_the_requests_that_are_undecided_first(how: str) -> None:
    first, second = a_request("9", code="foreign"), a_request("10")
    decided = (
        {(ActionKind.REJECT, second.key): "no"} if how == "refused" else frozenset({second.key})
    )

    status = status_of(
        DEVICE,
        shown(first, second),
        remembering("edge-1", **{how: decided}),
        decision=Decision.REJECT,
    )

    assert status.action == Reject(DEVICE, first, REJECTED_BY_RUN.reason)


def test_a_run_asked_to_reject_turns_the_matching_request_away() -> None:
    status = judged(a_request(), decision=Decision.REJECT)

    action = Reject(DEVICE, a_request(), REJECTED_BY_RUN.reason)
    assert message(status) == (
        State.WAITING,
        f"asked; it is to be rejected: {REJECTED_BY_RUN.reason}",
        action,
    )


def test_where_a_person_decides_every_request_is_held() -> None:
    asks = a_request("1"), a_request("2")

    status = judged(*asks, policy=HUMAN)

    assert message(status) == (State.HELD, f"a person decides here; {EVIDENCE}", None)
    assert {hold.request for hold in status.holds} == {*asks}


# After it was let in


def test_a_device_being_provisioned_is_reported_with_its_last_step() -> None:
    request = a_request(progress=Progress.PROVISIONING)
    further = replace(request, steps=(Step("BOOT", "DONE"), Step("TUNNEL", "RUNNING")))

    reason = "approved and being provisioned"
    assert message(judged(request)) == (State.PROVISIONING, reason, None)
    reason = "approved and being provisioned; last step: TUNNEL"
    assert message(judged(further)) == (State.PROVISIONING, reason, None)


@pytest.mark.parametrize("device_id", ["d1", None])
def test_a_provisioned_device_that_the_system_does_not_list_is_not_in_service(
    device_id: str | None,
) -> None:
    status = judged(replace(SERVING, device_id=device_id), present=["d2"])

    reason = "provisioned, but not yet in the system's list of devices"
    assert message(status) == (State.PROVISIONING, reason, None)


def test_a_device_in_the_list_whose_provisioning_has_not_ended_is_not_in_service() -> None:
    status = judged(replace(SERVING, progress=Progress.PROVISIONING), present=["d1"])

    assert (status.state, status.code) == (State.PROVISIONING, ReasonCode.BEING_PROVISIONED)


def test_a_device_that_was_in_the_list_is_there_no_more() -> None:
    memory = remembering("edge-1", confirmed_as="d1")

    status = status_of(DEVICE, shown(SERVING, present=["d2"]), memory)

    reason = "provisioned, and no longer in the system's list of devices"
    assert message(status) == (State.PROVISIONING, reason, None)


def test_a_device_in_the_list_is_confirmed() -> None:
    status = judged(SERVING, present=["d1"])

    reason = "provisioned and in the list of devices"
    assert message(status) == (State.IN_SERVICE, reason, Confirm(DEVICE, SERVING))
    assert not status.has_converged


@pytest.mark.parametrize("confirmed_as", ["d1", "an earlier id"])
def test_a_device_is_confirmed_once_under_each_id(confirmed_as: str) -> None:
    memory = remembering("edge-1", confirmed_as=confirmed_as)

    status = status_of(DEVICE, shown(SERVING, present=["d1"]), memory)

    assert status.has_converged is (confirmed_as == "d1")
    assert status.action == (None if confirmed_as == "d1" else Confirm(DEVICE, SERVING))


def test_a_device_whose_request_somebody_deleted_is_in_service_as_long_as_it_is_listed() -> None:
    memory = remembering("edge-1", confirmed_as="d1")

    listed = status_of(DEVICE, shown(present=["d1"]), memory)
    late = status_of(DEVICE, shown(present=["d1"]), memory, decision=Decision.REJECT)

    reason = "in the list of devices; LEM has its request no more"
    assert message(listed) == (State.IN_SERVICE, reason, None)
    assert message(late) == (State.FAILED, TOO_LATE, None)
    assert status_of(DEVICE, shown(present=["d2"]), memory).state is State.WAITING


def test_a_device_in_service_outweighs_its_later_failure_and_its_later_requests() -> None:
    failure, ask = replace(FAILED, id="2"), a_request("3")

    status = judged(SERVING, failure, ask, present=["d1"])

    assert status.state is State.IN_SERVICE
    assert status.holds == (
        Hold(ask, ReasonCode.SECOND, "the device already asked as request 1", DEVICE),
    )


def test_of_two_requests_admitted_the_later_one_counts() -> None:
    later = a_request("2", progress=Progress.PROVISIONING)

    assert judged(FAILED, later).request == later


# Failure and retry


def test_a_failed_provisioning_is_retried_with_its_reason() -> None:
    status = judged(FAILED)

    why = "provisioning failed: disk full"
    action = Retry(DEVICE, FAILED, why)
    assert message(status) == (State.PROVISIONING, f"{why}; retry 1 of 3", action)


def test_a_failure_without_message_is_reported_by_its_status() -> None:
    assert judged(replace(FAILED, message="")).action == Retry(
        DEVICE, replace(FAILED, message=""), "provisioning failed: FAILED"
    )


@pytest.mark.parametrize(("retries", "gap"), [(1, 5), (2, 10), (3, 20), (4, 40)])
def test_every_retry_waits_twice_as_long_as_the_one_before(retries: int, gap: int) -> None:
    limits, gap_ = Limits(retries=9), timedelta(seconds=gap)
    moment = timedelta(seconds=1)

    early = after(FAILED, limits=limits, retries=retries, retried_at=NOW - gap_ + moment)
    due = after(FAILED, limits=limits, retries=retries, retried_at=NOW - gap_)

    reason = f"provisioning failed: disk full; retry {retries + 1} of 9"
    assert message(early) == (State.PROVISIONING, reason, None)
    assert message(due) == (
        State.PROVISIONING,
        reason,
        Retry(DEVICE, FAILED, "provisioning failed: disk full"),
    )


@pytest.mark.parametrize(("retries", "times"), [(1, "once"), (2, "2 times"), (3, "3 times")])
def test_a_failure_that_used_up_its_retries_is_final(retries: int, times: str) -> None:
    limits = Limits(retries=retries)

    status = after(FAILED, limits=limits, retries=retries, retried_at=NOW - HOUR)

    reason = f"provisioning failed: disk full; retried {times}"
    assert message(status) == (State.FAILED, reason, None)
    assert status.has_converged


def test_a_policy_without_retries_fails_at_once() -> None:
    status = after(FAILED, limits=Limits(retries=0))

    assert message(status) == (State.FAILED, "provisioning failed: disk full", None)


def test_a_refused_retry_is_final() -> None:
    status = after(FAILED, refused={(Retry.kind, FAILED.key): "not now"})

    reason = "provisioning failed: disk full; the retry was refused: not now"
    assert message(status) == (State.FAILED, reason, None)


def test_a_refused_approval_does_not_stop_the_retries_of_who_was_admitted_all_the_same() -> None:
    status = after(FAILED, refused={(ActionKind.APPROVE, FAILED.key): "not now"})

    assert status.action == Retry(DEVICE, FAILED, "provisioning failed: disk full")


@pytest.mark.parametrize(
    "request_",
    [FAILED, SERVING, a_request(progress=Progress.PROVISIONING)],
    ids=["failed", "in service", "being provisioned"],
)
def test_a_run_asked_to_reject_can_do_nothing_about_who_was_admitted(request_: Request) -> None:
    status = judged(request_, present=["d1"], decision=Decision.REJECT)

    reason = "cannot be rejected any more: it was admitted. Remove it in its system"
    assert message(status) == (State.FAILED, reason, None)
    assert status.has_converged


# Turned away


def test_a_rejected_device_is_reported_how_it_may_ask_again() -> None:
    status = judged(a_request(progress=Progress.REJECTED))

    reason = "delete the request in LEM before the device can ask again"
    assert message(status) == (State.REJECTED, reason, None)
    assert status.has_converged


def test_a_deactivated_device_is_held_for_a_person() -> None:
    request = a_request(progress=Progress.DEACTIVATED)

    status = judged(request)

    reason = "deactivated in its system; a person must say what is wanted"
    assert message(status) == (State.HELD, reason, None)
    assert status.holds == (Hold(request, ReasonCode.DEACTIVATED, reason, DEVICE),)


def test_a_rejected_device_that_asks_anew_is_judged_by_its_new_request() -> None:
    status = judged(a_request("1", progress=Progress.REJECTED), a_request("2"))

    assert status.action == Approve(DEVICE, a_request("2"), EVIDENCE)


def test_of_two_requests_turned_away_the_newest_counts() -> None:
    status = judged(
        a_request("1", progress=Progress.DEACTIVATED), a_request("2", progress=Progress.REJECTED)
    )

    assert status.state is State.REJECTED


def test_a_shared_code_is_no_identity_for_a_device_that_lost_its_own() -> None:
    memory = remembering("edge-1", "edge-2")

    status = status_of(a_device(macs=[]), shown(a_request(macs=[mac(9)])), memory)

    assert CODE in memory.of("edge-1").enrollment_ids
    assert message(status) == (State.NOT_ENROLLED, "new on the roster", None)
    assert status.needs_enrollment
