"""What an observation waits for, as a person reads it in the list of task runs."""

import pytest

from fleet.action.action import Approve, Confirm, Reject, Retry
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from tasks.pipeline.converge import waiting_for
from tests.fleet.builders import a_device, a_request

APPROVE = Approve(a_device(), a_request(), "")
REJECT = Reject(a_device(), a_request(), "")
RETRY = Retry(a_device(), a_request(), "")
CONFIRM = Confirm(a_device(), a_request())


def aim(*found, subject="plant-7"):
    statuses = tuple(
        DeviceStatus(a_device(), state, ReasonCode.UNKNOWN, "", action=action)
        for state, action in found
    )
    return waiting_for(Assessment(statuses, ()), subject)


@pytest.mark.parametrize(
    ("state", "action", "awaited"),
    [
        (State.NOT_ENROLLED, None, "wait for request of edge-1"),
        (State.WAITING, None, "wait for request of edge-1"),
        (State.WAITING, APPROVE, "wait for provisioning of edge-1"),
        (State.PROVISIONING, None, "wait for provisioning of edge-1"),
        (State.PROVISIONING, RETRY, "wait for provisioning of edge-1"),
        (State.WAITING, REJECT, "observe edge-1"),
        (State.IN_SERVICE, CONFIRM, "observe edge-1"),
        (State.HELD, None, "observe edge-1"),
        (State.FAILED, None, "observe edge-1"),
    ],
)
def test_one_device_is_awaited_by_what_comes_next(state, action, awaited):
    assert aim((state, action), subject="edge-1") == awaited


@pytest.mark.parametrize(("request_", "aim"), [(a_request(), "provisioning"), (None, "request")])
def test_an_approval_that_is_not_shown_is_awaited_or_asked_for_again(request_, aim):
    status = DeviceStatus(a_device(), State.APPROVAL_NOT_SHOWN, ReasonCode.UNKNOWN, "", request_)

    assert waiting_for(Assessment((status,), ()), "edge-1") == f"wait for {aim} of edge-1"


def test_a_site_is_awaited_by_the_counts_of_both():
    found = [(State.NOT_ENROLLED, None)] * 2 + [(State.WAITING, APPROVE)] * 3

    assert aim(*found, (State.FAILED, None)) == (
        "wait for 2 requests and 3 to be provisioned at plant-7"
    )


def test_what_nobody_waits_for_is_not_counted():
    assert aim(*[(State.PROVISIONING, None)] * 2) == "wait for 2 to be provisioned at plant-7"
    assert aim((State.WAITING, None), (State.HELD, None)) == "wait for 1 request at plant-7"


def test_a_site_that_waits_for_nothing_is_observed():
    assert aim((State.HELD, None), (State.IN_SERVICE, CONFIRM)) == "observe plant-7"
