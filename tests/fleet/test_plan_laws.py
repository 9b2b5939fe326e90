"""Laws of the planner that hold in every scene, however unlikely."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings

from fleet.action.action import Action, Adopt, Approve, Confirm, Hold, Reject, Retry
from fleet.admission.evidence_collection import STRANGER
from fleet.admission.policy import BUILT_IN, HUMAN
from fleet.device.device import Device
from fleet.device.enrollment import MARK_ROOM
from fleet.device.request import Progress
from fleet.planning.plan import plan
from fleet.state.device_state import State
from fleet.state.memory import ENROLLMENT
from fleet.state.observation import Observation
from fleet.state.verdict import Decision
from fleet.system.enroll import Enrol
from tests.fleet.builders import NOW
from tests.fleet.scenes import Scene, scenes
from tests.laws import met


def concerned(action: Action) -> tuple[Device, ...]:
    """The devices that `action` acts on; a hold only records."""
    if isinstance(action, Hold):
        return ()
    return action.devices if isinstance(action, Enrol | Adopt) else (action.device,)


def codes(scene: Scene, device: Device) -> set[str | None]:
    """The enrolments by which `device` may ask, told without the planner's help."""
    grants = scene.memory.of(device.name).grants
    return {g.enrolment_id for g in grants if device.identity or g.capacity == 1}


def owners(scene: Scene, action: Approve | Reject | Retry) -> list[str]:
    """Whose request `action` is about, told without the planner's help."""
    shown, code = action.request.identity, action.request.enrolment_id
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


def told(scene: Scene, **desired: Any) -> Scene:
    """What would be, if that were desired."""
    return replace(scene, desired=replace(scene.desired, **desired))


@law
def at_most_one_act_concerns_a_device(scene: Scene) -> None:
    names = [device.name for action in scene.plan for device in concerned(action)]

    assert len(names) == len(set(names))


@law
def a_stranger_is_never_approved_rejected_or_retried(scene: Scene) -> None:
    acts = [a for a in scene.plan if isinstance(a, Approve | Reject | Retry | Confirm)]

    assert all(owners(scene, act) == [act.device.name] for act in acts)


@law
def only_what_matches_by_code_and_identity_is_approved(scene: Scene) -> None:
    scene = told(scene, decision=Decision.APPROVE)
    for act in met(a for a in scene.plan if isinstance(a, Approve)):
        assert act.request.enrolment_id in codes(scene, act.device)
        assert not act.device.identity or act.device.identity.shares_with(act.request.identity)
        assert act.reason


@law
def by_rule_nothing_is_approved_that_is_not_exact(scene: Scene) -> None:
    scenes = [told(scene, decision=Decision.APPROVE, policy=each) for each in BUILT_IN.values()]

    acts = [standing.act for each in scenes for standing in each.assessment.standings]

    for act in met(act for act in acts if isinstance(act, Approve)):
        assert act.evidence is not None
        assert act.evidence.is_exact


@law
def no_enrolment_is_asked_for_without_room_before_its_expiry(scene: Scene) -> None:
    late = told(scene, expires_at=NOW + MARK_ROOM)

    assert not [act for act in late.plan if isinstance(act, Enrol)]
    assert not [s for s in late.assessment.standings if s.needs_enrolment]


@law
def of_several_machines_that_ask_in_one_name_none_is_approved(scene: Scene) -> None:
    scene = told(scene, decision=Decision.APPROVE)
    for act in met(a for a in scene.plan if isinstance(a, Approve)):
        asking = {
            r.identity
            for r in scene.observed.requests
            if r.progress is Progress.WAITING
            and r.enrolment_id in codes(scene, act.device)
            and owners(scene, replace(act, request=r)) == [act.device.name]
        }
        assert asking == {act.request.identity}


@law
def a_zero_touch_device_is_never_enrolled_or_approved(scene: Scene) -> None:
    acts = [a for a in scene.plan if isinstance(a, Enrol | Adopt | Approve)]

    assert not any(device.zero_touch for act in acts for device in concerned(act))


@law
def order_and_repetition_of_what_was_seen_change_nothing(scene: Scene) -> None:
    look = scene.observed
    random = Random(repr(look))
    enrolments, requests = [*look.enrolments] * 2, [*look.requests] * 2
    random.shuffle(enrolments)
    random.shuffle(requests)

    again = replace(scene, observed=Observation(tuple(enrolments), tuple(requests), look.present))

    assert again.assessment == scene.assessment
    assert again.plan == scene.plan


@law
def a_run_told_to_reject_lets_nobody_in(scene: Scene) -> None:
    scene = told(scene, decision=Decision.REJECT)
    assert not [a for a in scene.plan if isinstance(a, Enrol | Adopt | Approve | Retry)]


@law
def where_a_person_decides_no_rule_does(scene: Scene) -> None:
    scene = told(scene, decision=Decision.APPROVE, policy=HUMAN)

    assert not [a for a in scene.plan if isinstance(a, Approve | Reject)]


@law
def a_request_that_was_decided_is_not_decided_again(scene: Scene) -> None:
    for act in met(a for a in scene.plan if isinstance(a, Approve | Reject)):
        past, key = scene.memory.of(act.device.name), act.request.key
        assert past.refusal(key) is None
        assert key not in past.approved | past.rejected | past.pending


@law
def a_retry_that_was_refused_is_not_asked_for_again(scene: Scene) -> None:
    scene = told(scene, decision=Decision.APPROVE)
    for act in met(a for a in scene.plan if isinstance(a, Retry)):
        past = scene.memory.of(act.device.name)
        assert (Retry.kind, act.request.key) not in past.refused


@law
def an_enrolment_is_asked_for_again_only_when_the_first_can_happen_no_more(
    scene: Scene,
) -> None:
    for act in met(a for a in scene.plan if isinstance(a, Enrol) and a.again):
        asked = [
            grant
            for device in act.devices
            for grant in scene.memory.of(device.name).grants
            if grant.enrolment_id is None and grant.wanted_expiry == act.expires_at
        ]
        assert asked
        assert all(grant.made_at + scene.limits.outcome_timeout <= NOW for grant in asked)


@law
def what_could_not_be_enrolled_is_not_enrolled_again_by_this_run(scene: Scene) -> None:
    enrolled = [d for a in scene.plan if isinstance(a, Enrol | Adopt) for d in a.devices]

    assert not [d for d in enrolled if ENROLLMENT in scene.memory.of(d.name).refused]


@law
def a_stranger_asks_by_a_code_of_these_devices_and_is_nobody_known(scene: Scene) -> None:
    strangers = [h.request for h in scene.assessment.holds if h.reason == STRANGER]
    given_out = {code for d in scene.desired.devices for code in codes(scene, d)}

    assert scene.desired.is_whole_site or not strangers
    assert {r.enrolment_id for r in strangers} <= given_out
    assert not [r for r in strangers if r.identity.tokens() & scene.memory.known]


@law
def a_run_told_to_reject_leaves_no_waiting_request_undecided(scene: Scene) -> None:
    scene = told(scene, decision=Decision.REJECT)
    settled = (
        s
        for s in scene.assessment.standings
        if s.is_settled and not (s.request and s.request.is_let_in)
    )

    for past, request in met(
        (scene.memory.of(standing.device.name), request)
        for standing in settled
        for request in scene.observed.requests
        if request.progress is Progress.WAITING
        and owners(scene, Reject(standing.device, request, "")) == [standing.device.name]
    ):
        decided = past.approved | past.rejected | past.pending
        assert request.key in decided | {key for _, key in past.refused}


@law
def an_existing_enrolment_is_used_instead_of_a_new_shared_one(scene: Scene) -> None:
    scene = told(scene, existing="HARED")

    for act in met(a for a in scene.plan if isinstance(a, Enrol) and not a.again):
        assert [device.identity.tokens() for device in act.devices] == [frozenset()]


@law
def an_enrolment_is_adopted_only_when_it_is_named_and_was_seen(scene: Scene) -> None:
    scene = told(scene, decision=Decision.APPROVE)
    named, unnamed = told(scene, existing="HARED"), told(scene, existing=None)

    assert not [a for a in unnamed.plan if isinstance(a, Adopt)]
    for act in met(a for a in named.plan if isinstance(a, Adopt)):
        assert act.enrolment in scene.observed.enrolments


@law
def devices_without_identity_never_share_an_enrolment(scene: Scene) -> None:
    asked = (a for a in scene.plan if isinstance(a, Enrol) and not a.again)

    for act in met(a for a in asked if not all(d.identity for d in a.devices)):
        assert (len(act.devices), act.capacity) == (1, 1)


@law
def what_is_told_is_not_told_again_and_a_settled_site_plans_nothing(scene: Scene) -> None:
    told = {(a.request.key, a.reason) for a in scene.plan if isinstance(a, Hold)}
    memory = replace(scene.memory, held=frozenset(told))

    after = plan(scene.desired, scene.observed, memory, scene.assessment)

    assert not [a for a in after if isinstance(a, Hold)]
    assert not (scene.assessment.is_settled and after)


@law
def every_device_stands_once_in_the_rosters_order_with_a_reason(scene: Scene) -> None:
    standings = scene.assessment.standings

    assert tuple(s.device for s in standings) == scene.desired.devices
    assert all(s.reason for s in standings)
    assert scene.assessment.counts.total() == len(standings)


@law
def in_service_means_listed_by_the_system(scene: Scene) -> None:
    for standing in met(s for s in scene.assessment.standings if s.state is State.IN_SERVICE):
        remembered = scene.memory.for_device(standing.device).confirmed_as
        request = standing.request
        assert (request.device_id if request else remembered) in scene.observed.present


@law
def a_site_is_final_when_only_confirmations_keep_it_from_being_settled(scene: Scene) -> None:
    assessment = scene.assessment
    confirmed = replace(
        assessment,
        standings=tuple(
            replace(s, act=None) if isinstance(s.act, Confirm) else s for s in assessment.standings
        ),
    )

    assert assessment.is_final is confirmed.is_settled


@settings(max_examples=600)
@given(scenes())
def test_every_law_holds_in_every_scene(scene: Scene) -> None:
    assert len(LAWS) >= 22

    for check in LAWS:
        check(scene)
