"""Holds: what becomes of the requests beside the one that counts."""

from typing import Any

import pytest

from fleet.action.action import Confirm, Hold, Reject
from fleet.admission.policy import Policy, Rule
from fleet.device.request import Progress, Request
from fleet.state.memory import Memory
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from fleet.status.status import DeviceStatus
from tests.fleet.builders import (
    a_device,
    a_request,
    remembering,
    shown,
    status_of,
)
from tests.fleet.status.test_by_code import entry, stands

DEVICE = a_device()
SERVING = a_request("1", progress=Progress.PROVISIONED, device_id="d1")
SECOND, THIRD = a_request("2"), a_request("3")
REJECTING = Policy(rules=(Rule("none", Decision.REJECT, reason="nobody comes in"),))


def beside(*others: Request, memory: Memory | None = None, **more: Any) -> DeviceStatus:
    """The status of a device in service that asked again by `others`."""
    in_service = remembering("edge-1", confirmed_as="d1")
    return status_of(DEVICE, shown(SERVING, *others, present=["d1"]), memory or in_service, **more)


def test_a_second_request_is_held_with_its_evidence_and_that_it_is_the_second() -> None:
    (hold,) = beside(SECOND).holds

    reason = "the device already asked as request 1"
    assert hold == Hold(SECOND, ReasonCode.SECOND, reason, DEVICE)
    assert hold.evidence is not None
    assert [each.kind.code for each in hold.evidence.suspicions] == [ReasonCode.SECOND]


def test_a_second_request_of_which_nothing_is_to_be_decided_is_held_without_evidence() -> None:
    status = stands(entry(), entry(Progress.WAITING, code="another"))

    assert [hold.evidence for hold in status.holds] == [None]


def test_a_second_request_that_a_rule_rejects_is_rejected_with_its_evidence() -> None:
    status = beside(SECOND, policy=REJECTING)

    assert status.holds == ()
    assert isinstance(status.action, Reject)
    assert (status.action.request, status.action.evidence is None) == (SECOND, False)


def test_of_two_requests_that_a_rule_rejects_one_is_rejected_at_a_time() -> None:
    status = beside(SECOND, THIRD, policy=REJECTING)

    assert status.holds == ()
    assert isinstance(status.action, Reject)
    assert status.action.request == SECOND


def test_a_second_request_that_a_person_rejected_is_rejected_and_its_evidence_not_repeated() -> (
    None
):
    evidence = beside(SECOND).holds[0].evidence
    assert evidence is not None
    verdict = Verdict(Decision.REJECT, ReasonCode.REJECTED_BY_PEOPLE, "a copy", "Ada")
    memory = remembering("edge-1", confirmed_as="d1")
    memory = Memory(
        memory.devices, decisions={(evidence.request_key, evidence.fingerprint): verdict}
    )

    action = beside(SECOND, memory=memory).action

    assert isinstance(action, Reject)
    assert (action.request, action.reason, action.evidence) == (SECOND, "a copy", None)


@pytest.mark.parametrize("how", ["rejected", "pending"])
def test_a_second_request_whose_rejection_was_asked_for_is_neither_rejected_again_nor_held(
    how: str,
) -> None:
    memory = remembering("edge-1", confirmed_as="d1", **{how: frozenset({SECOND.key})})

    status = beside(SECOND, memory=memory, policy=REJECTING)

    assert (status.action, status.holds) == (None, ())


def test_a_second_request_is_rejected_after_the_first_was_confirmed() -> None:
    status = beside(SECOND, memory=remembering("edge-1"), policy=REJECTING)

    assert (status.action, status.holds) == (Confirm(DEVICE, SERVING), ())
