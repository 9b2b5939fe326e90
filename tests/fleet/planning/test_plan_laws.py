"""Laws of the planner that hold in every scene, however unlikely."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from fleet.action.action import Action, Adopt, Approve, Confirm, Hold, Reject, Retry
from fleet.admission.evidence_collection import UNKNOWN_DEVICE
from fleet.admission.policy import BUILT_IN, HUMAN
from fleet.device.device import Device
from fleet.device.enrollment import FINGERPRINT_ROOM
from fleet.device.request import Progress
from fleet.planning.plan import plan
from fleet.state.device_state import State
from fleet.state.memory import ENROLLMENT
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.system.enroll import Enroll
from tests.fleet.builders import NOW
from tests.fleet.scenes import Scene, scenes
from tests.laws import met, sampled, share_of


def concerned(action: Action) -> tuple[Device, ...]:
    """The devices that `action` acts on; a hold only records."""
    if isinstance(action, Hold):
        return ()
    return action.devices if isinstance(action, Enroll | Adopt) else (action.device,)


def codes(scene: Scene, device: Device) -> set[str | None]:
    """The enrolments by which `device` may ask, told without the planner's help."""
    enrollments = scene.memory.of(device.name).enrollments
    return {g.enrollment_id for g in enrollments if device.identity or g.capacity == 1}


def owners(scene: Scene, action: Approve | Reject | Retry) -> list[str]:
    """Whose request `action` is about, told without the planner's help."""
    shown, code = action.request.identity, action.request.enrollment_id
    names = []
    for device in scene.desired.devices:
        own = device.identity.shares_with(shown) if device.identity else []
        if own or (not device.identity and code in codes(scene, device)):
            names.append(device.name)
    return names


Law = Callable[[Scene], None]
LAWS: list[Law] = []


def law(check: Law) -> Law:
    """What `check` asserts holds in every scene. One scene costs more than all laws about it."""
    LAWS.append(check)
    return check


def message(scene: Scene, **desired: Any) -> Scene:
    """What would be, if that were desired."""
    return replace(scene, desired=replace(scene.desired, **desired))


@law
def at_most_one_action_concerns_a_device(scene: Scene) -> None:
    names = [device.name for action in scene.plan for device in concerned(action)]

    assert len(names) == len(set(names))


@law
def an_unknown_device_is_never_approved_rejected_or_retried(scene: Scene) -> None:
    actions = [a for a in scene.plan if isinstance(a, Approve | Reject | Retry | Confirm)]

    assert all(owners(scene, action) == [action.device.name] for action in actions)


@law
def only_what_matches_by_code_and_identity_is_approved(scene: Scene) -> None:
    scene = message(scene, decision=Decision.APPROVE)
    for action in met(a for a in scene.plan if isinstance(a, Approve)):
        assert action.request.enrollment_id in codes(scene, action.device)
        assert not action.device.identity or action.device.identity.shares_with(
            action.request.identity
        )
        assert action.reason


@law
def by_rule_nothing_is_approved_that_is_not_exact(scene: Scene) -> None:
    scenes = [message(scene, decision=Decision.APPROVE, policy=each) for each in BUILT_IN.values()]

    actions = [status.action for each in scenes for status in each.assessment.statuses]

    for action in met(action for action in actions if isinstance(action, Approve)):
        assert action.evidence is not None
        assert action.evidence.is_exact


@law
def no_enrollment_is_asked_for_without_room_before_its_expiry(scene: Scene) -> None:
    late = message(scene, expires_at=NOW + FINGERPRINT_ROOM)

    assert not [action for action in late.plan if isinstance(action, Enroll)]
    assert not [s for s in late.assessment.statuses if s.needs_enrollment]


@law
def of_several_machines_that_ask_in_one_name_none_is_approved(scene: Scene) -> None:
    scene = message(scene, decision=Decision.APPROVE)
    for action in met(a for a in scene.plan if isinstance(a, Approve)):
        asking = {
            r.identity
            for r in scene.observed.requests
            if r.progress is Progress.WAITING
            and r.enrollment_id in codes(scene, action.device)
            and owners(scene, replace(action, request=r)) == [action.device.name]
        }
        assert asking == {action.request.identity}


@law
def a_zero_touch_device_is_never_enrolled_or_approved(scene: Scene) -> None:
    actions = [a for a in scene.plan if isinstance(a, Enroll | Adopt | Approve)]

    assert not any(device.zero_touch for action in actions for device in concerned(action))


@law
def order_and_repetition_of_what_was_seen_change_nothing(scene: Scene) -> None:
    observation = scene.observed
    random = Random(repr(observation))
    enrollments, requests = [*observation.enrollments] * 2, [*observation.requests] * 2
    random.shuffle(enrollments)
    random.shuffle(requests)

    again = replace(
        scene, observed=Observation(tuple(enrollments), tuple(requests), observation.present)
    )

    assert again.assessment == scene.assessment
    assert again.plan == scene.plan


@law
def a_run_asked_to_reject_admits_nobody(scene: Scene) -> None:
    scene = message(scene, decision=Decision.REJECT)
    assert not [a for a in scene.plan if isinstance(a, Enroll | Adopt | Approve | Retry)]


@law
def where_a_person_decides_no_rule_does(scene: Scene) -> None:
    scene = message(scene, decision=Decision.APPROVE, policy=HUMAN)

    assert not [a for a in scene.plan if isinstance(a, Approve | Reject)]


@law
def a_request_that_was_decided_is_not_decided_again(scene: Scene) -> None:
    for action in met(a for a in scene.plan if isinstance(a, Approve | Reject)):
        past, key = scene.memory.of(action.device.name), action.request.key
        assert past.refusal(key) is None
        assert key not in past.approved | past.rejected | past.pending


@law
def a_retry_that_was_refused_is_not_asked_for_again(scene: Scene) -> None:
    scene = message(scene, decision=Decision.APPROVE)
    for action in met(a for a in scene.plan if isinstance(a, Retry)):
        past = scene.memory.of(action.device.name)
        assert (Retry.kind, action.request.key) not in past.refused


@law
def an_enrollment_is_asked_for_again_only_when_the_first_can_happen_no_more(
    scene: Scene,
) -> None:
    for action in met(a for a in scene.plan if isinstance(a, Enroll) and a.again):
        asked = [
            record
            for device in action.devices
            for record in scene.memory.of(device.name).enrollments
            if record.enrollment_id is None and record.wanted_expiry == action.expires_at
        ]
        assert asked
        assert all(record.made_at + scene.limits.outcome_timeout <= NOW for record in asked)


@law
def what_could_not_be_enrolled_is_not_enrolled_again_by_this_run(scene: Scene) -> None:
    enrolled = [d for a in scene.plan if isinstance(a, Enroll | Adopt) for d in a.devices]

    assert not [d for d in enrolled if ENROLLMENT in scene.memory.of(d.name).refused]


@law
def an_unknown_device_asks_by_a_code_of_these_devices_and_is_nobody_known(scene: Scene) -> None:
    unknown_devices = [h.request for h in scene.assessment.holds if h.reason == UNKNOWN_DEVICE]
    given_out = {code for d in scene.desired.devices for code in codes(scene, d)}

    assert scene.desired.is_whole_site or not unknown_devices
    assert {r.enrollment_id for r in unknown_devices} <= given_out
    assert not [r for r in unknown_devices if r.identity.traits() & scene.memory.known]


@law
def a_run_asked_to_reject_leaves_no_waiting_request_undecided(scene: Scene) -> None:
    scene = message(scene, decision=Decision.REJECT)
    resolved = (
        s
        for s in scene.assessment.statuses
        if s.has_converged and not (s.request and s.request.is_admitted)
    )

    for past, request in met(
        (scene.memory.of(status.device.name), request)
        for status in resolved
        for request in scene.observed.requests
        if request.progress is Progress.WAITING
        and owners(scene, Reject(status.device, request, "")) == [status.device.name]
    ):
        decided = past.approved | past.rejected | past.pending
        assert request.key in decided | {key for _, key in past.refused}


@law
def an_existing_enrollment_is_used_instead_of_a_new_shared_one(scene: Scene) -> None:
    scene = message(scene, existing="HARED")

    for action in met(a for a in scene.plan if isinstance(a, Enroll) and not a.again):
        assert [device.identity.traits() for device in action.devices] == [frozenset()]


@law
def an_enrollment_is_adopted_only_when_it_is_named_and_was_seen(scene: Scene) -> None:
    scene = message(scene, decision=Decision.APPROVE)
    named, unnamed = message(scene, existing="HARED"), message(scene, existing=None)

    assert not [a for a in unnamed.plan if isinstance(a, Adopt)]
    for action in met(a for a in named.plan if isinstance(a, Adopt)):
        assert action.enrollment in scene.observed.enrollments


@law
def devices_without_identity_never_share_an_enrollment(scene: Scene) -> None:
    asked = (a for a in scene.plan if isinstance(a, Enroll) and not a.again)

    for action in met(a for a in asked if not all(d.identity for d in a.devices)):
        assert (len(action.devices), action.capacity) == (1, 1)


@law
def what_is_reported_is_not_reported_again_and_a_converged_site_plans_nothing(scene: Scene) -> None:
    held = {(a.request.key, a.code) for a in scene.plan if isinstance(a, Hold)}
    memory = replace(scene.memory, held=frozenset(held))

    after = plan(scene.desired, scene.observed, memory, scene.assessment)

    assert not [a for a in after if isinstance(a, Hold)]
    assert not (scene.assessment.has_converged and after)


@law
def every_device_stands_once_in_the_rosters_order_with_a_reason(scene: Scene) -> None:
    statuses = scene.assessment.statuses

    assert tuple(s.device for s in statuses) == scene.desired.devices
    assert all(s.reason for s in statuses)
    assert all(each.code is not ReasonCode.UNKNOWN for each in (*statuses, *scene.assessment.holds))
    assert scene.assessment.counts.total() == len(statuses)


@law
def in_service_means_listed_by_the_system(scene: Scene) -> None:
    for status in met(s for s in scene.assessment.statuses if s.state is State.IN_SERVICE):
        remembered = scene.memory.for_device(status.device).confirmed_as
        request = status.request
        assert (request.device_id if request else remembered) in scene.observed.present


@law
def a_site_is_final_when_only_confirmations_keep_it_from_having_converged(scene: Scene) -> None:
    assessment = scene.assessment
    confirmed = replace(
        assessment,
        statuses=tuple(
            replace(s, action=None) if isinstance(s.action, Confirm) else s
            for s in assessment.statuses
        ),
    )

    assert assessment.is_final is confirmed.has_converged


def check_all(scene: Scene) -> None:
    assert len(LAWS) >= 22

    for check in LAWS:
        check(scene)


@settings(max_examples=share_of(200))
@given(scenes())
def test_every_law_holds_in_a_sample_of_scenes(scene: Scene) -> None:
    with sampled():
        check_all(scene)


@pytest.mark.heavy
@settings(max_examples=600)  # among fewer some law might find none of its cases
@given(scenes())
def test_every_law_holds_in_every_scene(scene: Scene) -> None:
    check_all(scene)
