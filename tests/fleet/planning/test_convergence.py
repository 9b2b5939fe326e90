"""Laws of the loop: look, plan and act against an honest LEM until there is nothing left to do."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.action.action import Adopt, Approve, Confirm, Hold, Reject, Retry
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity
from fleet.state.device_state import State
from fleet.state.verdict import Decision
from fleet.status.limits import Limits
from fleet.system.enroll import Enroll
from tests.fleet.builders import EXPIRY, NOW, mac, wanted
from tests.fleet.lem_model import FOREIGN, PROFILE, Fate, Machine, Reply, Site
from tests.fleet.scenes import UNKNOWN_DEVICE, rostered, rosters, some_limits
from tests.laws import share_of

ENOUGH_ROUNDS = 40
QUIET_ROUNDS = 9  # more minutes than any wait of a run and any news of a machine can take together
HEARD_OR_NOT = [reply for reply in Reply if reply is not Reply.REFUSED]
EXISTING = Enrollment("existing", "AB12C", EXPIRY, capacity=9)

troubles = st.sampled_from(
    ["none"] * 3 + ["clone", "unknown-device", "both identities", "foreign code"]
)


@st.composite
def machines(draw: st.DrawFn, devices: tuple[Device, ...]) -> tuple[Machine, ...]:
    """One box for each device, and sometimes somebody else who uses its code or identity."""
    boxes = []
    for number, device in enumerate(devices):
        name, trouble = device.name, draw(troubles)
        profile = PROFILE.id if device.zero_touch else None
        shows = device.identity or Identity(macs=frozenset({mac(150 + number)}))
        system_profile = {
            "fate": draw(st.sampled_from(Fate)),
            "boots_in_round": draw(st.integers(0, 3)),
            "asks": draw(st.integers(0, 2)),
        }
        code = FOREIGN.id if trouble == "foreign code" else profile
        boxes.append(Machine(name, shows, code=code, **system_profile))
        if trouble == "unknown-device":
            boxes.append(Machine(name, UNKNOWN_DEVICE))
        if trouble == "clone":
            clone = Identity(shows.host_id, shows.macs | {mac(250)})
            boxes.append(Machine(name, clone, code=profile))
        if trouble == "both identities":
            other = draw(st.sampled_from(devices)).identity
            both = Identity(shows.host_id or other.host_id, shows.macs | other.macs)
            boxes.append(Machine(name, both, code=profile, boots_in_round=1))
    return tuple(boxes)


@st.composite
def sites(
    draw: st.DrawFn, decision: Decision | None = None, replies: Sequence[Reply] = (*Reply,)
) -> Site:
    devices = draw(rosters)
    existing = draw(st.sampled_from([None, None, EXISTING.ending]))
    return Site(
        desired=wanted(
            *devices, existing=existing, decision=decision or draw(st.sampled_from(Decision))
        ),
        machines=draw(machines(devices)),
        limits=draw(some_limits),
        replies=draw(st.lists(st.sampled_from(replies), max_size=5)),
        enrollments={EXISTING.id: EXISTING} if existing else {},
    )


def converge(site: Site) -> Site:
    """`site` after more rounds than any of its troubles can last, or so many quiet ones."""
    quiet = 0
    for _ in range(ENOUGH_ROUNDS):
        quiet = 0 if site.go_round() else quiet + 1
        if quiet == QUIET_ROUNDS:
            break
    return site


def nothing_is_done_twice(site: Site) -> None:
    confirmed = Counter(a.request.key for a in site.done if isinstance(a, Confirm))
    holds = Counter((a.request.key, a.reason) for a in site.done if isinstance(a, Hold))
    assert not site.late
    assert {*site.executed.values(), *confirmed.values(), *holds.values()} <= {1}


def nobody_who_is_not_on_the_roster_is_admitted(site: Site) -> None:
    alone = {device.name for device in site.desired.devices if not device.identity}

    admitted = [site.senders[a.request.id] for a in site.done if isinstance(a, Approve | Retry)]
    assert not [box for box in admitted if box.shows == UNKNOWN_DEVICE and box.name not in alone]
    assert not [box for box in admitted if box.code == FOREIGN.id]


def one_name_is_never_given_to_two_machines(site: Site) -> None:
    admitted = {(a.device.name, a.request.identity) for a in site.done if isinstance(a, Approve)}
    assert len(admitted) == len({name for name, _ in admitted})


@settings(max_examples=share_of(400))
@given(sites(replies=(*Reply, Reply.LATE, Reply.LATE)))
def test_whatever_happens_at_a_site_and_however_late_it_keeps_the_laws(site: Site) -> None:
    converge(site)

    nothing_is_done_twice(site)
    nobody_who_is_not_on_the_roster_is_admitted(site)
    one_name_is_never_given_to_two_machines(site)
    assert [site.go_round(), site.go_round()] == [[], []]


@given(sites(replies=[Reply.ANSWERED]))
def test_what_was_answered_is_never_asked_again(site: Site) -> None:
    converge(site)

    asked = Counter(
        (type(action), action.request.key)
        for action in site.done
        if isinstance(action, Approve | Reject)
    )
    assert set(asked.values()) <= {1}
    assert not [action for action in site.done if isinstance(action, Enroll) and action.again]


@settings(max_examples=share_of(200))
@given(sites(Decision.APPROVE))
def test_no_device_is_admitted_twice_however_often_it_asks(site: Site) -> None:
    converge(site)

    owners = {a.request.key: a.device.name for a in site.done if isinstance(a, Approve)}
    admitted = Counter(owners[key] for kind, key in site.executed if kind == Approve.kind)
    assert set(admitted.values()) <= {1}


@given(sites(replies=HEARD_OR_NOT))
def test_one_site_gets_one_shared_enrollment_and_one_for_each_device_without_identity(
    site: Site,
) -> None:
    converge(site)

    asked = [a.devices for a in site.done if isinstance(a, Enroll | Adopt) and not is_again(a)]
    shared = [devices for devices in asked if all(d.identity for d in devices)]
    alone = Counter(d.name for devices in asked for d in devices if not d.identity)
    assert len(shared) <= 1
    assert set(alone.values()) <= {1}
    assert len(site.enrollments) == len(asked) + (
        bool(site.desired.existing) - any(isinstance(a, Adopt) for a in site.done)
    )


def is_again(action: Enroll | Adopt) -> bool:
    return isinstance(action, Enroll) and action.again


@given(sites(Decision.APPROVE, HEARD_OR_NOT))
def test_every_sound_device_ends_in_service(site: Site) -> None:
    boxes = Counter(box.name for box in site.machines)
    identities = [token for box in site.machines for token in box.shows.traits()]
    sound = {
        box.name
        for box in site.machines
        if box.fate in {Fate.WELL, Fate.SLOW}
        and box.asks == 1  # a second request may be a clone's
        and box.code != FOREIGN.id
        and boxes[box.name] == 1
        and all(identities.count(token) == 1 for token in box.shows.traits())
    }

    converge(site)

    states = {s.device.name: s.state for s in site.assess().statuses}
    confirmed = {a.device.name for a in site.done if isinstance(a, Confirm)}
    assert {name: states[name] for name in sound} == dict.fromkeys(sound, State.IN_SERVICE)
    assert sound <= confirmed


@given(sites(Decision.REJECT))
def test_a_site_that_is_to_be_rejected_never_gets_an_enrollment(site: Site) -> None:
    converge(site)

    assert not [a for a in site.done if isinstance(a, Enroll | Adopt | Approve | Retry)]


def test_a_failing_device_is_retried_as_often_as_the_policy_says_and_then_left() -> None:
    device = rostered(1, "macs")
    box = Machine(device.name, device.identity, Fate.FAILS_ALWAYS)

    site = converge(Site(wanted(device), (box,)))

    assert sum(isinstance(a, Retry) for a in site.done) == 3
    assert site.assess().counts == {State.FAILED: 1}


@pytest.mark.parametrize(
    "useless",
    [
        Enrollment("x", "AB12C", EXPIRY, capacity=9, used=9),
        Enrollment("x", "AB12C", NOW - timedelta(days=1), capacity=9),
    ],
    ids=["used up", "expired"],
)
def test_an_existing_enrollment_that_is_no_good_is_not_adopted_over_and_over(
    useless: Enrollment,
) -> None:
    device = rostered(1, "macs")

    site = converge(Site(wanted(device, existing="AB12C"), (), enrollments={"x": useless}))

    assert site.done == [Adopt((device,), useless)]


LATE_OR_NEVER = pytest.mark.parametrize(
    ("reply", "times"), [(Reply.LATE, 1), (Reply.NEVER_ARRIVED, 2)], ids=["late", "never"]
)
LONG_TIMEOUT = Limits(outcome_timeout=timedelta(minutes=3))


@LATE_OR_NEVER
def test_an_approval_without_answer_is_repeated_only_when_it_can_happen_no_more(
    reply: Reply, times: int
) -> None:
    device = rostered(1, "macs")
    box = Machine(device.name, device.identity)

    site = converge(Site(wanted(device), (box,), LONG_TIMEOUT, [reply, Reply.ANSWERED]))

    asked = [a.request.id for a in site.done if isinstance(a, Approve)]
    assert len(asked) == times
    assert site.executed.total() == 2
    assert site.assess().counts == {State.IN_SERVICE: 1}


@LATE_OR_NEVER
def test_an_enrollment_without_answer_is_repeated_only_when_it_can_happen_no_more(
    reply: Reply, times: int
) -> None:
    device = rostered(1, "macs")
    box = Machine(device.name, device.identity)

    site = converge(Site(wanted(device), (box,), LONG_TIMEOUT, [reply]))

    assert sum(isinstance(a, Enroll) for a in site.done) == times
    assert len(site.enrollments) == 1
    assert site.assess().counts == {State.IN_SERVICE: 1}
