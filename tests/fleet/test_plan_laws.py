"""Laws of the planner that hold in every scene, however unlikely."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.action import Action, Adopt, Approve, Confirm, Enrol, Hold, Reject, Retry
from fleet.device import Device
from fleet.enrolment import MARK_ROOM
from fleet.gathering import STRANGER
from fleet.memory import ENROLLMENT
from fleet.observation import Observation
from fleet.planning.plan import plan
from fleet.policy import HUMAN
from fleet.request import Progress
from fleet.standing import State
from fleet.verdict import Decision
from tests.fleet.builders import NOW
from tests.fleet.scenes import Scene, scenes


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


@given(scenes())
def test_at_most_one_act_concerns_a_device(scene: Scene) -> None:
    names = [device.name for action in scene.plan for device in concerned(action)]

    assert len(names) == len(set(names))


@given(scenes())
def test_a_stranger_is_never_approved_rejected_or_retried(scene: Scene) -> None:
    acts = [a for a in scene.plan if isinstance(a, Approve | Reject | Retry | Confirm)]

    assert all(owners(scene, act) == [act.device.name] for act in acts)


@settings(max_examples=200)
@given(scenes(Decision.APPROVE))
def test_only_what_matches_by_code_and_identity_is_approved(scene: Scene) -> None:
    for act in scene.plan:
        if isinstance(act, Approve):
            assert act.request.enrolment_id in codes(scene, act.device)
            assert not act.device.identity or act.device.identity.shares_with(act.request.identity)
            assert act.reason


@given(scenes())
def test_no_enrolment_is_asked_for_without_room_before_its_expiry(scene: Scene) -> None:
    late = replace(scene, desired=replace(scene.desired, expires_at=NOW + MARK_ROOM))

    assert not [act for act in late.plan if isinstance(act, Enrol)]
    assert not [s for s in late.assessment.standings if s.needs_enrolment]


@settings(max_examples=200)
@given(scenes(Decision.APPROVE))
def test_of_several_machines_that_ask_in_one_name_none_is_approved(scene: Scene) -> None:
    for act in scene.plan:
        if isinstance(act, Approve):
            asking = {
                r.identity
                for r in scene.observed.requests
                if r.progress is Progress.WAITING
                and r.enrolment_id in codes(scene, act.device)
                and owners(scene, replace(act, request=r)) == [act.device.name]
            }
            assert asking == {act.request.identity}


@given(scenes())
def test_a_zero_touch_device_is_never_enrolled_or_approved(scene: Scene) -> None:
    acts = [a for a in scene.plan if isinstance(a, Enrol | Adopt | Approve)]

    assert not any(device.zero_touch for act in acts for device in concerned(act))


@given(scenes(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_what_was_seen_change_nothing(scene: Scene, random: object) -> None:
    look = scene.observed
    enrolments, requests = [*look.enrolments] * 2, [*look.requests] * 2
    random.shuffle(enrolments)  # type: ignore[attr-defined]
    random.shuffle(requests)  # type: ignore[attr-defined]

    again = replace(scene, observed=Observation(tuple(enrolments), tuple(requests), look.present))

    assert again.assessment == scene.assessment
    assert again.plan == scene.plan


@given(scenes(Decision.REJECT))
def test_a_run_told_to_reject_lets_nobody_in(scene: Scene) -> None:
    assert not [a for a in scene.plan if isinstance(a, Enrol | Adopt | Approve | Retry)]


@given(scenes(policy=HUMAN))
def test_where_a_person_decides_no_rule_does(scene: Scene) -> None:
    scene = replace(scene, desired=replace(scene.desired, decision=Decision.APPROVE))

    assert not [a for a in scene.plan if isinstance(a, Approve | Reject)]


@given(scenes())
def test_a_request_that_was_decided_is_not_decided_again(scene: Scene) -> None:
    for act in scene.plan:
        if isinstance(act, Approve | Reject | Retry):
            past, key = scene.memory.of(act.device.name), act.request.key
            if isinstance(act, Retry):
                assert (Retry.kind, key) not in past.refused
            else:
                assert past.refusal(key) is None
                assert key not in past.approved | past.rejected | past.pending


@given(scenes())
def test_an_enrolment_is_asked_for_again_only_when_the_first_can_happen_no_more(
    scene: Scene,
) -> None:
    for act in scene.plan:
        if isinstance(act, Enrol) and act.again:
            asked = [
                grant
                for device in act.devices
                for grant in scene.memory.of(device.name).grants
                if grant.enrolment_id is None and grant.wanted_expiry == act.expires_at
            ]
            assert asked
            assert all(grant.made_at + scene.limits.doubt <= NOW for grant in asked)


@given(scenes())
def test_what_could_not_be_enrolled_is_not_enrolled_again_by_this_run(scene: Scene) -> None:
    enrolled = [d for a in scene.plan if isinstance(a, Enrol | Adopt) for d in a.devices]

    assert not [d for d in enrolled if ENROLLMENT in scene.memory.of(d.name).refused]


@given(scenes())
def test_a_stranger_asks_by_a_code_of_these_devices_and_is_nobody_known(scene: Scene) -> None:
    strangers = [h.request for h in scene.assessment.holds if h.reason == STRANGER]
    given_out = {code for d in scene.desired.devices for code in codes(scene, d)}

    assert scene.desired.is_whole_site or not strangers
    assert {r.enrolment_id for r in strangers} <= given_out
    assert not [r for r in strangers if r.identity.tokens() & scene.memory.known]


@settings(max_examples=200)
@given(scenes(Decision.REJECT))
def test_a_run_told_to_reject_leaves_no_waiting_request_undecided(scene: Scene) -> None:
    for standing in scene.assessment.standings:
        if standing.is_settled and not (standing.request and standing.request.is_let_in):
            past, name = scene.memory.of(standing.device.name), standing.device.name
            probes = (Reject(standing.device, r, "") for r in scene.observed.requests)
            mine = [p.request for p in probes if owners(scene, p) == [name]]
            waiting = {r.key for r in mine if r.progress is Progress.WAITING}
            assert waiting <= past.approved | past.rejected | past.pending | {
                key for _, key in past.refused
            }


@given(scenes())
def test_an_existing_enrolment_is_used_instead_of_a_new_shared_one(scene: Scene) -> None:
    for act in scene.plan:
        if isinstance(act, Enrol) and scene.desired.existing and not act.again:
            assert [device.identity.tokens() for device in act.devices] == [frozenset()]
        if isinstance(act, Adopt):
            assert scene.desired.existing
            assert act.enrolment in scene.observed.enrolments


@given(scenes())
def test_devices_without_identity_never_share_an_enrolment(scene: Scene) -> None:
    for act in scene.plan:
        if isinstance(act, Enrol) and not act.again and not all(d.identity for d in act.devices):
            assert (len(act.devices), act.capacity) == (1, 1)


@given(scenes())
def test_what_is_told_is_not_told_again_and_a_settled_site_plans_nothing(scene: Scene) -> None:
    told = {(a.request.key, a.reason) for a in scene.plan if isinstance(a, Hold)}
    memory = replace(scene.memory, held=frozenset(told))

    after = plan(scene.desired, scene.observed, memory, scene.assessment)

    assert not [a for a in after if isinstance(a, Hold)]
    assert not (scene.assessment.is_settled and after)


@given(scenes())
def test_every_device_stands_once_in_the_rosters_order_with_a_reason(scene: Scene) -> None:
    standings = scene.assessment.standings

    assert tuple(s.device for s in standings) == scene.desired.devices
    assert all(s.reason for s in standings)
    assert scene.assessment.counts.total() == len(standings)


@given(scenes())
def test_in_service_means_listed_by_the_system(scene: Scene) -> None:
    for standing in scene.assessment.standings:
        if standing.state is State.IN_SERVICE:
            remembered = scene.memory.for_device(standing.device).confirmed_as
            request = standing.request
            assert (request.device_id if request else remembered) in scene.observed.present


@given(scenes())
def test_a_site_is_final_when_only_confirmations_keep_it_from_being_settled(scene: Scene) -> None:
    assessment = scene.assessment
    confirmed = replace(
        assessment,
        standings=tuple(
            replace(s, act=None) if isinstance(s.act, Confirm) else s for s in assessment.standings
        ),
    )

    assert assessment.is_final is confirmed.is_settled
