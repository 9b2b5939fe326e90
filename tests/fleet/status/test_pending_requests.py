"""Pending requests: which of a device's requests counts, by example."""

from typing import Any

import pytest

from fleet.action.action import Approve, Reject
from fleet.admission.condition import Condition
from fleet.admission.policy import ZERO_TOUCH, Policy, Rule
from fleet.device.device import Device
from fleet.device.request import Request
from fleet.state.device_state import State
from fleet.state.memory import Memory
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from fleet.status.status import DeviceStatus
from tests.fleet.builders import (
    a_device,
    a_request,
    assessed,
    mac,
    remembering,
    shown,
    status_of,
    wanted,
)

DEVICE, WITH_TWO = a_device(), a_device(macs=[mac(1), mac(2)])
HALVES = (
    a_request("1", macs=[mac(1)], hostname="good"),
    a_request("2", macs=[mac(2)], hostname="good"),
)
BAD = Policy(rules=(Rule("no bad ones", Decision.REJECT, Condition(hostname=("bad",))),))


def asked(*requests: Request, device: Device = DEVICE, **past: Any) -> DeviceStatus:
    """The status of a device that asked by `requests`, of which none may be called bad."""
    return status_of(device, shown(*requests), remembering("edge-1", **past), policy=BAD)


def test_of_requests_that_a_rule_rejects_one_is_rejected_at_a_time() -> None:
    first, second = a_request("1", hostname="bad"), a_request("2", hostname="bad")

    status = asked(first, second)
    next_ = asked(first, second, rejected=frozenset({first.key}))

    assert isinstance(status.action, Reject)
    assert isinstance(next_.action, Reject)
    assert (status.action.request, next_.action.request) == (first, second)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("rejected", ReasonCode.REJECTION_NOT_SHOWN),
        ("pending", ReasonCode.DECISION_UNANSWERED),
    ],
)
def test_a_request_whose_rejection_was_asked_for_is_not_rejected_again(
    how: str, code: ReasonCode
) -> None:
    bad = a_request(hostname="bad")

    status = asked(bad, **{how: frozenset({bad.key})})

    assert (status.code, status.action, status.holds) == (code, None, ())


def test_a_request_that_was_rejected_does_not_keep_the_right_one_out() -> None:
    bad, right = a_request("1", hostname="bad"), a_request("2", hostname="good")

    status = asked(bad, right, rejected=frozenset({bad.key}))

    assert isinstance(status.action, Approve)
    assert status.action.request == right


def test_where_a_policy_leaves_a_request_to_zero_touch_it_is_left() -> None:
    status = status_of(DEVICE, shown(a_request()), remembering("edge-1"), policy=ZERO_TOUCH)

    assert (status.state, status.code) == (State.WAITING, ReasonCode.LEFT_TO_ZERO_TOUCH)
    assert (status.action, status.holds) == (None, ())


def test_a_machine_that_a_person_approved_is_approved_although_another_asks() -> None:
    memory = remembering("edge-1")
    holds = assessed(wanted(WITH_TWO), shown(*HALVES), memory).holds
    evidence = holds[0].evidence
    assert evidence is not None
    verdict = Verdict(Decision.APPROVE, ReasonCode.APPROVED_BY_PEOPLE, "it is the one", "Ada")
    decided = {(evidence.request_key, evidence.fingerprint): verdict}

    status = status_of(WITH_TWO, shown(*HALVES), Memory(memory.devices, decisions=decided))

    assert status.action == Approve(WITH_TWO, HALVES[0], "it is the one")
    assert [hold.request for hold in status.holds] == [HALVES[1]]


def test_another_machine_by_a_foreign_code_does_not_keep_the_right_one_out() -> None:
    right, foreign = HALVES[0], a_request("2", macs=[mac(2)], code="foreign")

    status = asked(right, foreign, device=WITH_TWO)

    assert isinstance(status.action, Approve)
    assert status.action.request == right


@pytest.mark.parametrize("how", ["approved", "pending"])
def test_an_approval_that_began_admits_no_other_machine_that_fits_as_well(how: str) -> None:
    status = asked(*HALVES, device=WITH_TWO, **{how: frozenset({HALVES[0].key})})

    assert (status.state, status.code) == (State.HELD, ReasonCode.SEVERAL_MACHINES)


@pytest.mark.parametrize("how", ["approved", "pending"])
def test_an_approval_that_began_is_not_taken_back_for_a_suspicious_machine(how: str) -> None:
    device = a_device(host_id="h1", macs=())
    fitting = a_request("7", host_id="h1", macs=[], hostname="good")
    suspicious = a_request("9", host_id="h1", macs=[mac(9)], hostname="good")
    another = a_request("8", host_id="unknown-device", macs=[mac(9)], hostname="good")

    status = asked(fitting, another, suspicious, device=device, **{how: frozenset({fitting.key})})

    assert (status.request, status.action) == (fitting, None)
    assert [hold.request for hold in status.holds] == [suspicious]


def test_a_zero_touch_device_that_was_never_enrolled_is_not_for_a_foreign_code_either() -> None:
    device = a_device(zero_touch="lab")

    status = status_of(device, shown(a_request()), Memory())

    assert (status.state, status.needs_enrollment) == (State.HELD, False)
