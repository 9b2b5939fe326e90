"""Judging where a code is exchanged for a key, and nothing is decided at a door."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.action.action import Approve, Confirm
from fleet.device.request import Progress, Request
from fleet.planning.plan import plan
from fleet.planning.preflight import ImpossibleRun, check
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.memory import ENROLLMENT, Memory, Remembered
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.status.limits import Limits
from fleet.status.status import DeviceStatus
from fleet.system.enroll import Enroll
from fleet.system.profile import Admission, SystemProfile
from tests.fleet.builders import (
    CODE,
    NOW,
    a_device,
    a_request,
    an_enrollment,
    an_own_enrollment_record,
    assessed,
    mac,
    wanted,
)

EXCHANGED = SystemProfile(
    system="provision_api",
    enrollment="registration",
    enroll="register",
    enroll_phrase="register",
    admit="activate",
    admission=Admission.BY_CODE,
    shares_enrollments=False,
    device_may_activate=True,
    lost_key_remedy="Rotate its token",
)
DEVICE = a_device("edge-1", macs=())
KEY = f"edge-1/{CODE}"
ENROLLED = Remembered(enrollments=(an_own_enrollment_record(),))


def entry(progress: Progress = Progress.PROVISIONED, **more: Any) -> Request:
    own = {"macs": (), "device": "edge-1", "device_id": "edge-1", "key_held": True}
    return a_request("edge-1", progress=progress, **(own | more))


def stands(
    *entries: Request,
    past: Remembered = ENROLLED,
    codes: Any = (),
    system_profile: SystemProfile = EXCHANGED,
    truncated: bool = False,
    unreadable: tuple[str, ...] = (),
    limits: Limits | None = None,
    **more: Any,
) -> DeviceStatus:
    serving = [r.device_id for r in entries if r.progress is Progress.PROVISIONED and r.device_id]
    observed = Observation(
        tuple(codes), entries, frozenset(serving), truncated, unreadable=unreadable
    )
    desired = wanted(DEVICE, system_profile=system_profile, **more)
    return assessed(desired, observed, Memory({"edge-1": past}), limits).statuses[0]


def test_a_device_that_is_not_registered_is_to_be() -> None:
    status = stands(past=Remembered())

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, True)


def test_each_device_gets_a_registration_of_its_own() -> None:
    devices = [a_device(f"edge-{n}", macs=(mac(n),)) for n in range(3)]
    desired = wanted(*devices, system_profile=EXCHANGED)
    found = assessed(desired, Observation(), Memory())

    actions = plan(desired, Observation(), Memory(), found)

    assert actions == [Enroll((device,), 1, desired.expires_at) for device in devices]


def test_a_code_that_is_held_is_exchanged_by_us() -> None:
    status = stands(codes=[an_enrollment(capacity=1)])

    assert status.state is State.WAITING
    assert isinstance(status.action, Approve)
    assert status.action.request.key == KEY


def test_a_code_is_left_to_the_device_when_that_is_to_activate_itself() -> None:
    status = stands(codes=[an_enrollment(capacity=1)], self_activating=frozenset({"edge-1"}))

    assert (status.state, status.action) == (State.WAITING, None)
    assert status.reason.startswith("registered; hand out its code")


def test_an_expired_code_is_made_anew_before_it_is_given_to_anybody() -> None:
    status = stands(codes=[an_enrollment(capacity=1, expires_at=NOW)])

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, True)


def test_a_device_with_a_token_is_confirmed() -> None:
    status = stands(entry())

    assert status.state is State.IN_SERVICE
    assert isinstance(status.action, Confirm)


def test_a_device_that_somebody_else_activated_is_in_service_by_a_key_that_is_not_held() -> None:
    status = stands(entry(key_held=False), past=Remembered())

    assert (status.state, status.code) == (State.IN_SERVICE, ReasonCode.KEY_NOT_HELD)


def test_a_device_that_was_to_activate_itself_has_its_own_key() -> None:
    status = stands(entry(key_held=False), self_activating=frozenset({"edge-1"}))

    assert (status.state, status.code) == (State.IN_SERVICE, ReasonCode.IN_SERVICE)


def test_the_key_of_a_device_that_somebody_else_activated_is_taken_on_an_explicit_word() -> None:
    theirs = entry(key_held=False)

    new = stands(theirs, past=Remembered(), register_again=True)
    registered = stands(theirs, codes=[an_enrollment(capacity=1, used=1)], register_again=True)
    late = stands(theirs, codes=[an_enrollment(expires_at=NOW)], register_again=True)
    taken = stands(entry(), register_again=True)

    assert new.needs_enrollment
    assert isinstance(registered.action, Approve)
    assert late.needs_enrollment
    assert taken.state is State.IN_SERVICE


EXPIRED = an_enrollment(capacity=1, expires_at=NOW)
USED_BEFORE = frozenset({KEY})


@pytest.mark.parametrize(
    ("codes", "more", "shown_as"),
    [
        ([EXPIRED], {}, ()),
        ([an_enrollment(capacity=1)], {"approved": USED_BEFORE}, ()),
        ([EXPIRED], {}, (entry(key_held=False),)),
    ],
    ids=["its code expired", "its code was used before", "somebody else activated it"],
)
def test_a_run_registers_no_device_a_third_time(codes: Any, more: Any, shown_as: Any) -> None:
    past = replace(ENROLLED, enrolled=2, **more)

    status = stands(*shown_as, past=past, codes=codes, register_again=True)

    assert (status.state, status.code) == (State.FAILED, ReasonCode.ENROLLMENT_GIVEN_UP)
    assert not status.needs_enrollment


@pytest.mark.parametrize(
    ("made", "seconds", "is_due"),
    [(0, 0, True), (1, 4, False), (1, 5, True), (2, 9, False), (2, 10, True)],
)
def test_the_gap_between_registrations_grows(made: int, seconds: int, is_due: bool) -> None:
    record = an_own_enrollment_record(made_at=NOW - timedelta(seconds=seconds))
    past = Remembered(enrollments=(record,), enrolled=made)

    status = stands(past=past, codes=[EXPIRED], limits=Limits(enrollments=3))

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, is_due)


def test_a_key_that_we_asked_for_and_do_not_hold_is_lost() -> None:
    past = replace(ENROLLED, approved=frozenset({KEY}))

    status = stands(entry(key_held=False), past=past)

    assert (status.state, status.has_converged) == (State.KEY_LOST, True)
    assert status.reason.endswith("Rotate its token")


def test_a_key_that_was_reported_to_somebody_else_is_lost() -> None:
    past = replace(ENROLLED, lost={KEY: "409 Conflict"})

    status = stands(past=past, codes=[an_enrollment(capacity=1)])

    assert (status.state, status.reason) == (State.KEY_LOST, "409 Conflict. Rotate its token")


@pytest.mark.parametrize("used", [0, 1], ids=["its code is good", "its code is good no more"])
def test_a_key_that_an_earlier_run_lost_is_exchanged_again_by_a_person_and_never_by_a_night(
    used: int,
) -> None:
    past = replace(ENROLLED, lost={KEY: "409 Conflict"}, lost_before=frozenset({KEY}))
    codes = [an_enrollment(capacity=1, used=used)]

    person = stands(past=past, codes=codes)
    night = stands(past=past, codes=codes, limits=Limits(retries_lost_keys=False))

    assert person.needs_enrollment if used else isinstance(person.action, Approve)
    assert (night.state, night.has_converged) == (State.KEY_LOST, True)


def test_a_key_that_an_earlier_run_lost_is_lost_where_its_system_shows_the_device() -> None:
    past = replace(ENROLLED, lost={KEY: "already used"}, lost_before=frozenset({KEY}))

    assert stands(entry(key_held=False), past=past).state is State.KEY_LOST
    assert stands(entry(), past=past).state is State.IN_SERVICE


def test_an_exchange_without_an_answer_is_not_tried_again_yet() -> None:
    past = replace(ENROLLED, pending=frozenset({KEY}), answers={KEY: "POST /x: 500. See its log"})

    status = stands(past=past, codes=[an_enrollment(capacity=1)])

    assert (status.state, status.action) == (State.WAITING, None)
    assert status.reason == (
        f"registered; the call to {EXCHANGED.admit} it was not answered, and may still come to pass"
        ". The last call failed: POST /x: 500. See its log"
    )


def test_a_revoked_device_is_held_and_not_revived() -> None:
    revoked = entry(Progress.DEACTIVATED, message="revoked there")

    status = stands(revoked)

    assert (status.state, status.reason) == (State.HELD, "revoked there")
    assert not status.needs_enrollment


def test_a_revoked_device_is_registered_again_on_an_explicit_word() -> None:
    status = stands(entry(Progress.DEACTIVATED), past=Remembered(), register_again=True)

    assert status.needs_enrollment


def test_what_somebody_else_registered_is_held() -> None:
    foreign = entry(Progress.WAITING, message="whose code is that?", key_held=False)

    assert stands(foreign, past=Remembered()).state is State.HELD
    assert stands(foreign, past=Remembered(), register_again=True).needs_enrollment


@pytest.mark.parametrize(("age", "again"), [(0, False), (120, True)])
def test_a_code_that_was_lost_with_its_answer_is_made_anew_once_that_is_certain(
    age: int, again: bool
) -> None:
    asked = an_own_enrollment_record(None, made_at=NOW - timedelta(seconds=age))

    status = stands(entry(Progress.WAITING), past=Remembered(enrollments=(asked,)))

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, again)
    assert status.unanswered == asked


def test_what_a_truncated_list_does_not_show_is_not_touched() -> None:
    status = stands(past=Remembered(), truncated=True)

    assert (status.state, status.needs_enrollment) == (State.HELD, False)


def test_what_an_unreadable_entry_may_be_is_not_touched_and_the_entry_is_named() -> None:
    status = stands(past=Remembered(), unreadable=("GET /list: entry 3.device_id",))

    assert (status.state, status.needs_enrollment) == (State.HELD, False)
    assert status.code is ReasonCode.ENTRY_UNREADABLE
    assert "GET /list: entry 3.device_id" in status.reason


def test_what_a_list_with_an_unreadable_entry_shows_goes_on() -> None:
    status = stands(entry(), unreadable=("GET /list: entry 3.device_id",))

    assert status.state is State.IN_SERVICE


def test_what_a_truncated_list_does_not_show_is_not_touched_on_an_explicit_word_either() -> None:
    status = stands(past=Remembered(), truncated=True, register_again=True)

    assert (status.state, status.needs_enrollment) == (State.HELD, False)


def test_a_device_that_is_shown_by_its_code_goes_on_although_the_list_is_truncated() -> None:
    waiting = stands(codes=[an_enrollment(capacity=1)], truncated=True)
    expired = stands(codes=[an_enrollment(capacity=1, expires_at=NOW)], truncated=True)

    assert isinstance(waiting.action, Approve)
    assert expired.needs_enrollment


def test_a_revoked_device_that_a_truncated_list_shows_is_registered_again_on_an_explicit_word() -> (
    None
):
    status = stands(
        entry(Progress.DEACTIVATED), past=Remembered(), truncated=True, register_again=True
    )

    assert status.needs_enrollment


def test_a_line_that_lacks_what_its_system_needs_fails_alone() -> None:
    needy = replace(EXCHANGED, needs_host_id=True)
    device = a_device("edge-2", macs=(), host_id="h2")
    desired = wanted(DEVICE, device, system_profile=needy)

    lacking, complete = assessed(desired, Observation(), Memory()).statuses

    assert lacking.state is State.FAILED
    assert "host id" in lacking.reason
    assert complete.state is State.NOT_ENROLLED


def test_a_device_whose_registration_was_refused_is_not_registered_again_by_this_run() -> None:
    for past in (Remembered(), ENROLLED):
        status = stands(past=replace(past, refused={ENROLLMENT: "the tenant is full"}))

        assert (status.state, status.needs_enrollment) == (State.FAILED, False)
        assert status.reason == "not enrolled: the tenant is full"


def test_a_zero_touch_profile_means_nothing_to_a_system_without() -> None:
    device = a_device("edge-1", host_id="h1", zero_touch="lab")
    desired = wanted(device, system_profile=EXCHANGED)

    status = assessed(desired, Observation(), Memory()).statuses[0]

    assert (status.state, "zero-touch" in status.reason) == (State.FAILED, True)


def test_nobody_can_be_rejected_where_nobody_asks() -> None:
    desired = wanted(DEVICE, system_profile=EXCHANGED, decision=Decision.REJECT)
    found = assessed(desired, Observation(), Memory(), Limits())

    with pytest.raises(ImpossibleRun, match="nothing to reject"):
        check(desired, Observation(), Memory(), found, NOW)


def test_a_code_that_let_it_in_before_does_not_do_so_again() -> None:
    past = replace(ENROLLED, approved=frozenset({KEY}))
    codes = [an_enrollment(capacity=5)]

    status = stands(entry(Progress.DEACTIVATED), past=past, codes=codes, register_again=True)

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, True)


def test_a_device_that_activated_itself_keeps_its_own_key_although_all_register_again() -> None:
    own = entry(key_held=False)

    status = stands(
        own, past=Remembered(), register_again=True, self_activating=frozenset({"edge-1"})
    )

    assert (status.state, status.code) == (State.IN_SERVICE, ReasonCode.IN_SERVICE)


def test_a_key_is_not_taken_over_by_a_run_whose_registration_was_refused() -> None:
    past = replace(ENROLLED, refused={ENROLLMENT: "the tenant is full"})

    status = stands(entry(code="theirs", key_held=False), past=past, register_again=True)

    assert (status.code, status.needs_enrollment) == (ReasonCode.ENROLLMENT_REFUSED, False)


def test_a_key_is_taken_over_once_for_every_call_whose_outcome_is_unknown() -> None:
    theirs = entry(code="theirs", key_held=False)
    asked = Remembered(enrollments=(an_own_enrollment_record(None, made_at=NOW),))
    codes = [an_enrollment(capacity=1)]

    registering = stands(theirs, past=asked, register_again=True)
    exchanging = stands(
        theirs, past=replace(ENROLLED, pending=frozenset({KEY})), codes=codes, register_again=True
    )

    assert registering.code is ReasonCode.ENROLLMENT_UNANSWERED
    assert (registering.needs_enrollment, registering.action) == (False, None)
    assert exchanging.code is ReasonCode.DECISION_UNANSWERED
    assert (exchanging.needs_enrollment, exchanging.action) == (False, None)


def test_a_code_that_several_share_shows_no_device_in_a_truncated_list() -> None:
    shared = replace(EXCHANGED, shares_enrollments=True)

    status = stands(codes=[an_enrollment()], system_profile=shared, truncated=True)

    assert (status.state, status.code) == (State.HELD, ReasonCode.LIST_CUT_OFF)


def test_a_code_that_is_shown_no_more_shows_no_device_in_a_truncated_list() -> None:
    status = stands(codes=[], truncated=True)

    assert (status.state, status.code) == (State.HELD, ReasonCode.LIST_CUT_OFF)


def test_an_exchange_is_asked_for_in_the_name_of_its_device() -> None:
    status = stands(codes=[an_enrollment(capacity=1)])

    assert status.request == Request(
        "edge-1", CODE, DEVICE.identity, Progress.WAITING, device="edge-1"
    )


def test_a_code_that_we_tried_to_exchange_is_not_handed_out_before_the_outcome_is_known() -> None:
    status = stands(
        past=replace(ENROLLED, pending=frozenset({KEY})),
        codes=[an_enrollment(capacity=1)],
        self_activating=frozenset({"edge-1"}),
    )

    assert status.code is ReasonCode.DECISION_UNANSWERED


def test_a_device_that_its_system_rejected_is_rejected_for_its_systems_reason() -> None:
    status = stands(entry(Progress.REJECTED, message="not in this fleet"))

    assert (status.state, status.code) == (State.REJECTED, ReasonCode.REJECTED_IN_SYSTEM)
    assert status.reason == "not in this fleet"


def test_what_keeps_a_device_from_its_service_is_said_in_its_systems_words() -> None:
    status = stands(entry(Progress.PROVISIONING, message="not yet approved there"))

    assert (status.state, status.reason) == (State.PROVISIONING, "not yet approved there")


def test_a_key_is_taken_over_by_a_new_code_when_the_last_one_is_shown_no_more() -> None:
    theirs = entry(code="theirs", key_held=False)

    status = stands(theirs, codes=[], register_again=True)

    assert (status.code, status.needs_enrollment) == (ReasonCode.KEY_NOT_HELD, True)


def test_a_key_is_taken_over_although_the_device_was_confirmed_before() -> None:
    past = Remembered(confirmed_as="edge-1")

    status = stands(entry(key_held=False), past=past, register_again=True)

    assert (status.state, status.needs_enrollment) == (State.NOT_ENROLLED, True)


def test_an_exchange_that_this_run_saw_refused_is_not_tried_again_by_it() -> None:
    past = replace(ENROLLED, refused={(ActionKind.APPROVE, KEY): "the tenant is locked"})

    status = stands(past=past, codes=[an_enrollment(capacity=1)])

    assert (status.state, status.code) == (State.FAILED, ReasonCode.DECISION_REFUSED)
    assert status.action is None


def test_a_device_that_may_activate_itself_and_whose_key_is_held_is_in_service_as_any_other() -> (
    None
):
    itself = stands(entry(), self_activating=frozenset({"edge-1"}))

    assert (itself.code, itself.reason) == (ReasonCode.IN_SERVICE, stands(entry()).reason)


def test_a_key_that_may_have_been_replaced_is_in_service_with_a_word() -> None:
    status = stands(entry(key_may_be_replaced=True))

    assert (status.state, status.code) == (State.IN_SERVICE, ReasonCode.KEY_MAY_BE_REPLACED)
