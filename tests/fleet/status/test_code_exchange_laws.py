"""Laws of admission by code, over every entry, code and past that there may be."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

from fleet.action.action import Approve, Confirm
from fleet.device.enrollment import Enrollment
from fleet.device.request import Progress, Request
from fleet.planning.plan import plan
from fleet.state.action_kind import ActionKind
from fleet.state.memory import Memory, Remembered
from fleet.state.observation import Observation
from fleet.status.status import DeviceStatus, State
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
    wanted,
)

PROFILE = SystemProfile(
    system="registry",
    enrollment="registration",
    enroll="register",
    enroll_phrase="register",
    admit="activate",
    admission=Admission.BY_CODE,
    shares_enrollments=False,
    device_may_activate=True,
)
DEVICE = a_device(macs=())
KEY = f"edge-1/{CODE}"
SHOWN = [Progress.WAITING, Progress.PROVISIONING, *list(Progress)[3:], None]
ENROLLMENTS = [
    (),
    (an_own_enrollment_record(),),
    (an_own_enrollment_record(None, made_at=NOW - timedelta(seconds=5)),),
]
CODES = [(), (an_enrollment(capacity=1),), (an_enrollment(capacity=1, used=1),)]
FATES: list[dict[str, Any]] = [
    {},
    {"approved": frozenset({KEY})},
    {"pending": frozenset({KEY})},
    {"refused": {(ActionKind.APPROVE, KEY): "no licence"}},
    {"lost": {KEY: "409 Conflict"}},
]
WISHES = [{}, {"register_again": True}, {"self_activating": frozenset({"edge-1"})}]


@dataclass(frozen=True)
class Scene:
    """One device, what its system shows of it, and what was done for it; and what follows."""

    entry: Request | None
    codes: tuple[Enrollment, ...]
    past: Remembered
    truncated: bool
    status: DeviceStatus
    actions: list[object]


def entry(progress: Progress, key_held: bool) -> Request:
    more = {"macs": (), "device": "edge-1", "device_id": "edge-1", "key_held": key_held}
    return a_request("edge-1", progress=progress, message="as it says", **more)


@cache
def scenes() -> list[Scene]:
    found = []
    for shown, held, enrollments, codes, fate, wish, truncated in product(
        SHOWN, [True, False], ENROLLMENTS, CODES, FATES, WISHES, [False, True]
    ):
        past = Remembered(enrollments=enrollments, **fate)
        seen = entry(shown, held) if shown else None
        serving = frozenset({"edge-1"} if shown is Progress.PROVISIONED else ())
        observed = Observation(codes, (seen,) if seen else (), serving, truncated)
        desired, memory = wanted(DEVICE, system_profile=PROFILE, **wish), Memory({"edge-1": past})
        result = assessed(desired, observed, memory)
        actions = plan(desired, observed, memory, result)
        found.append(Scene(seen, codes, past, truncated, result.statuses[0], actions))
    return found


def test_every_device_has_one_status_with_a_reason_and_one_action_at_most() -> None:
    for scene in scenes():
        actions = [
            action for action in scene.actions if isinstance(action, Enroll | Approve | Confirm)
        ]
        assert scene.status.reason
        assert len(actions) <= 1
    assert {s.status.state for s in scenes()} == {*State} - {
        State.IDENTITY_MISMATCH,
        State.MISSING,
        State.RETIRED,
        State.APPROVAL_NOT_SHOWN,
    }


def test_a_code_is_exchanged_once_and_only_one_that_is_held_and_good() -> None:
    exchanged_codes = [s for s in scenes() if any(isinstance(a, Approve) for a in s.actions)]

    assert exchanged_codes
    for scene in exchanged_codes:
        is_taken_over = scene.entry is not None and scene.entry.is_admitted
        assert scene.codes[0].is_usable(NOW) or is_taken_over
        assert not scene.past.was_decided(KEY)
        assert scene.status.request is not None
        assert scene.status.request.key == KEY


def test_a_device_that_a_list_cut_off_does_not_show_is_not_registered() -> None:
    cut_off = [s for s in scenes() if s.truncated and not (s.entry or s.codes)]

    assert cut_off
    assert not [s for s in cut_off if s.status.needs_enrollment]


def test_a_key_that_was_given_and_is_not_held_is_lost_until_a_person_helps() -> None:
    admitted = {Progress.PROVISIONING, Progress.PROVISIONED}
    lost = [
        s
        for s in scenes()
        if s.entry is not None and not s.entry.key_held
        if s.entry.progress in admitted and s.past.was_decided(KEY)
    ]

    assert lost
    assert {(s.status.state, s.status.has_converged) for s in lost} == {(State.KEY_LOST, True)}


def test_a_converged_device_has_nothing_planned() -> None:
    resolved = [s for s in scenes() if s.status.has_converged]

    assert resolved
    assert not [s for s in resolved if any(not hasattr(a, "would") for a in s.actions)]
