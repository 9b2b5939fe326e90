"""Assessments: when a site has converged, and what becomes of requests that match no device."""

from dataclasses import replace

import pytest

from fleet.action.action import Action, Approve, Confirm, Hold, Reject
from fleet.admission.policy import Policy, Rule
from fleet.device.enrollment import FINGERPRINT_ROOM
from fleet.device.request import Progress
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.memory import Memory, Remembered
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from fleet.status.status import DeviceStatus
from tests.fleet.builders import (
    EXPIRY,
    HOUR,
    NOW,
    a_device,
    a_request,
    assessed,
    mac,
    remembering,
    shown,
    wanted,
)
from tests.fleet.status.test_by_code import EXCHANGED

DEVICE, REQUEST = a_device(), a_request()
FOREIGN = a_request("2", macs=[mac(9)])
REJECTING = Policy(rules=(Rule("none", Decision.REJECT, reason="nobody comes in"),))


def status(state: State, action: Action | None = None, *, needs: bool = False) -> DeviceStatus:
    return DeviceStatus(
        DEVICE, state, ReasonCode.UNKNOWN, "", action=action, needs_enrollment=needs
    )


DONE = status(State.IN_SERVICE)
TO_CONFIRM = status(State.IN_SERVICE, Confirm(DEVICE, REQUEST))
WAITING = status(State.WAITING)


@pytest.mark.parametrize(
    ("statuses", "has_converged", "is_final"),
    [
        ((), True, True),
        ((DONE, status(State.HELD)), True, True),
        ((DONE, TO_CONFIRM), False, True),
        ((DONE, WAITING), False, False),
        ((WAITING, DONE), False, False),
        ((status(State.HELD, needs=True),), False, False),
        ((status(State.FAILED, Approve(DEVICE, REQUEST, "")),), False, False),
    ],
    ids=["nothing", "final", "to confirm", "waits", "first waits", "to enroll", "to act"],
)
def test_a_site_has_converged_when_each_device_has_and_is_final_but_for_its_confirmation(
    statuses: tuple[DeviceStatus, ...], has_converged: bool, is_final: bool
) -> None:
    found = Assessment(statuses, ())

    assert (found.has_converged, found.is_final) == (has_converged, is_final)


def test_a_site_that_has_somebody_to_reject_has_neither_converged_nor_is_it_final() -> None:
    found = Assessment((DONE,), (), (Reject(None, FOREIGN, ""),))

    assert (found.has_converged, found.is_final) == (False, False)


def test_who_is_no_device_of_the_roster_is_rejected_by_rule_with_the_evidence() -> None:
    (rejection,) = assessed(
        wanted(DEVICE, policy=REJECTING), shown(FOREIGN), remembering("edge-1")
    ).rejections

    assert (rejection.device, rejection.request) == (None, FOREIGN)
    assert rejection.reason == "rule 'none': nobody comes in"
    assert rejection.evidence is not None


def test_who_was_rejected_by_a_person_is_rejected_and_the_evidence_not_repeated() -> None:
    memory = remembering("edge-1")
    (hold,) = assessed(wanted(DEVICE), shown(FOREIGN), memory).holds
    assert hold.evidence is not None
    verdict = Verdict(Decision.REJECT, ReasonCode.REJECTED_BY_PEOPLE, "not ours", "Ada")
    key = (hold.evidence.request_key, hold.evidence.fingerprint)

    found = assessed(wanted(DEVICE), shown(FOREIGN), replace(memory, decisions={key: verdict}))

    assert found.rejections == (Reject(None, FOREIGN, "not ours"),)
    assert (found.rejections[0].evidence, found.holds) == (None, ())


@pytest.mark.parametrize("how", ["rejected", "pending"])
def test_who_is_no_device_of_the_roster_is_rejected_once(how: str) -> None:
    memory = remembering("edge-1")
    asked = {**memory.devices, "": Remembered(**{how: frozenset({FOREIGN.key})})}

    found = assessed(
        wanted(DEVICE, policy=REJECTING), shown(FOREIGN), replace(memory, devices=asked)
    )

    assert (found.rejections, found.holds) == ((), ())


def test_who_is_disputed_is_held_also_by_a_run_for_a_part_of_the_site() -> None:
    devices = DEVICE, a_device("edge-2", macs=[mac(2)])
    both = a_request(macs=[mac(1), mac(2)])

    found = assessed(
        wanted(*devices, is_whole_site=False), shown(both), remembering("edge-1", "edge-2")
    )

    assert found.holds == (
        Hold(both, ReasonCode.DISPUTED, "it shows the identity of edge-1 and edge-2"),
    )
    assert found.holds[0].evidence is not None


def test_what_a_policy_in_shadow_would_do_with_an_unknown_device_is_said() -> None:
    policy = replace(REJECTING, shadow=True)

    (hold,) = assessed(wanted(DEVICE, policy=policy), shown(FOREIGN), remembering("edge-1")).holds

    assert (hold.code, hold.would) == (ReasonCode.WOULD_REJECT, Decision.REJECT)


def test_who_asks_no_more_is_neither_held_nor_rejected() -> None:
    admitted = replace(FOREIGN, progress=Progress.PROVISIONED)

    found = assessed(wanted(DEVICE, policy=REJECTING), shown(admitted), remembering("edge-1"))

    assert (found.rejections, found.holds) == ((), ())


def test_where_nothing_is_to_be_decided_an_unknown_device_is_nobodys_business() -> None:
    found = assessed(
        wanted(DEVICE, system_profile=EXCHANGED), shown(FOREIGN), remembering("edge-1")
    )

    assert (found.rejections, found.holds) == ((), ())


def test_codes_are_about_to_expire_by_the_clock_of_their_system() -> None:
    desired, soon = wanted(DEVICE), EXPIRY - FINGERPRINT_ROOM - HOUR

    agreed = assessed(desired, Observation(), Memory(), now=soon).statuses[0]
    ahead = assessed(desired, Observation(skew=HOUR), Memory(), now=soon).statuses[0]
    late = assessed(desired, Observation(), Memory(), now=soon + HOUR).statuses[0]

    assert (agreed.needs_enrollment, "clock" in agreed.reason) == (True, False)
    assert (ahead.code, ahead.needs_enrollment) == (ReasonCode.CODES_EXPIRE_SOON, False)
    assert "clock" in ahead.reason
    assert (late.code, "clock" in late.reason) == (ReasonCode.CODES_EXPIRE_SOON, False)


def test_devices_are_counted_by_state() -> None:
    found = Assessment((DONE, TO_CONFIRM, WAITING), ())

    assert found.counts == {State.IN_SERVICE: 2, State.WAITING: 1}
    assert assessed(wanted(), Observation(), Memory(), now=NOW).counts == {}
