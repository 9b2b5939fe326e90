"""At which step of the pipeline a device is, told by its status and what was done for it."""

import pytest

from fleet.action.action import Approve, Confirm, Hold, Reject, Retry
from fleet.planning.pipeline_step import step_of
from fleet.state.device_state import State
from fleet.state.memory import Remembered
from fleet.state.pipeline_step import PipelineStep
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from tests.fleet.builders import a_device, a_request, an_enrollment_record, enrolled

DEVICE, REQUEST = a_device(), a_request()
OPEN_ENROLLMENT = Remembered(enrollments=(an_enrollment_record(None),))
OPEN_DECISION = enrolled(pending=frozenset({REQUEST.key}))
UNMATCHED = Hold(REQUEST, ReasonCode.UNKNOWN, "it shows this site's code")
ITS_OWN = Hold(REQUEST, ReasonCode.SEVERAL_MACHINES, "several machines ask", DEVICE)


def step(state, past=None, *holds, **more):
    return step_of(
        DeviceStatus(DEVICE, state, ReasonCode.UNKNOWN, "", **more), past or enrolled(), holds
    )


@pytest.mark.parametrize("state", State)
def test_every_status_has_a_step_where_nothing_is_planned(state):
    assert isinstance(step(state), PipelineStep)


@pytest.mark.parametrize("each", PipelineStep)
def test_every_step_says_what_it_means(each):
    assert each.meaning


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.NOT_ENROLLED, PipelineStep.PLAN),
        (State.WAITING, PipelineStep.WAIT_FOR_REQUEST),
        (State.HELD, PipelineStep.WAIT_FOR_DECISION),
        (State.PROVISIONING, PipelineStep.WAIT_FOR_PROVISIONING),
        (State.FAILED, PipelineStep.ASSESS),
        (State.KEY_LOST, PipelineStep.ASSESS),
        (State.REJECTED, PipelineStep.ASSESS),
        (State.IN_SERVICE, PipelineStep.DONE),
        (State.RETIRED, PipelineStep.DONE),
    ],
)
def test_where_nothing_is_planned_the_status_decides(state, expected):
    assert step(state) is expected


def test_an_approved_device_waits_for_its_system():
    assert step(State.PROVISIONING, request=REQUEST) is PipelineStep.WAIT_FOR_PROVISIONING


def test_an_approval_that_is_not_shown_waits_for_its_system_or_for_a_new_request():
    state = State.APPROVAL_NOT_SHOWN

    assert step(state, request=REQUEST) is PipelineStep.WAIT_FOR_PROVISIONING
    assert step(state) is PipelineStep.WAIT_FOR_REQUEST


@pytest.mark.parametrize(
    "action",
    [
        Approve(DEVICE, REQUEST, ""),
        Reject(DEVICE, REQUEST, ""),
        Retry(DEVICE, REQUEST, ""),
        Confirm(DEVICE, REQUEST),
    ],
)
@pytest.mark.parametrize("past", [enrolled(), OPEN_DECISION])
def test_what_is_planned_is_at_execute(action, past):
    assert step(State.WAITING, past, request=REQUEST, action=action) is PipelineStep.EXECUTE


@pytest.mark.parametrize("state", [State.NOT_ENROLLED, State.HELD])
@pytest.mark.parametrize("past", [Remembered(), enrolled(), OPEN_ENROLLMENT])
def test_what_needs_an_enrollment_is_at_plan(state, past):
    assert step(state, past, needs_enrollment=True) is PipelineStep.PLAN


@pytest.mark.parametrize(
    ("past", "more"), [(OPEN_ENROLLMENT, {}), (OPEN_DECISION, {"request": REQUEST})]
)
def test_a_call_without_an_answer_is_at_resolve(past, more):
    assert step(State.WAITING, past, **more) is PipelineStep.RESOLVE


def test_a_request_that_is_nobody_s_may_be_that_of_a_device_that_has_not_asked():
    assert step(State.WAITING, None, UNMATCHED) is PipelineStep.MATCH
    assert step(State.WAITING, None, ITS_OWN) is PipelineStep.WAIT_FOR_REQUEST
    assert step(State.PROVISIONING, None, UNMATCHED) is PipelineStep.WAIT_FOR_PROVISIONING


def test_a_zero_touch_device_that_has_asked_waits_for_its_system():
    assert step(State.WAITING, request=REQUEST) is PipelineStep.WAIT_FOR_PROVISIONING


@pytest.mark.parametrize("state", [State.HELD, State.FAILED, State.APPROVAL_NOT_SHOWN])
def test_a_call_without_an_answer_is_open_only_while_its_outcome_matters(state):
    assert step(state, OPEN_DECISION, request=REQUEST) is state.record.rests_at


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.NOT_ENROLLED, PipelineStep.RESOLVE),
        (State.WAITING, PipelineStep.RESOLVE),
        (State.HELD, PipelineStep.WAIT_FOR_DECISION),
        (State.FAILED, PipelineStep.ASSESS),
    ],
)
def test_an_enrollment_without_an_answer_is_at_resolve_while_its_device_is_expected(
    state, expected
):
    assert step(state, OPEN_ENROLLMENT) is expected


def test_a_device_that_was_never_enrolled_waits_for_its_request():
    assert step(State.WAITING, Remembered()) is PipelineStep.WAIT_FOR_REQUEST
