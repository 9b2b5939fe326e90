"""A night's rules do nothing about what planning has decided already."""

from dataclasses import replace
from types import SimpleNamespace

from fleet.action.action import Approve, Reject
from fleet.device.request import Progress
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.rule import Remediation
from fleet.nightly.rules import AS_THEY_SAY
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from ledger.admission.how import How
from tasks.nightly.execute_due import planned
from tasks.nightly.night import Place
from tasks.pipeline.decisions import _decided
from tasks.pipeline.plan import Plan
from tests.fleet.builders import NOW, a_device, a_request, wanted

DEVICE, REQUEST = a_device(), a_request()
OLD = Finding(
    FindingKind.PENDING, "plant-7", "lem", DEVICE.name, "asked", NOW, DEVICE.name, REQUEST.key
)


def a_place(*actions, request=REQUEST):
    status = DeviceStatus(DEVICE, State.WAITING, ReasonCode.UNKNOWN, "asked", request)
    plan = Plan(Assessment((status,), ()), actions, observed=Observation((), (request,)))
    return Place(run=SimpleNamespace(desired=wanted(DEVICE)), plan=plan, records=[])


def test_a_request_that_waits_too_long_is_rejected_where_a_rule_says_so():
    (action,) = planned(a_place(), [OLD], {OLD.key: Remediation.REJECT})

    assert isinstance(action, Reject)
    assert (action.device, action.request, action.reason) == (DEVICE, REQUEST, AS_THEY_SAY)


def test_a_rejection_by_rule_is_recorded_with_what_was_seen_and_as_the_night_s():
    place = a_place()
    actions = planned(place, [OLD], {OLD.key: Remediation.REJECT})

    (decided,) = _decided(place.run, actions)

    assert (decided.by, decided.how) == ("night rules", How.RULE)
    assert decided.evidence.request_key == REQUEST.key


def test_a_request_that_is_admitted_tonight_is_not_rejected_as_well():
    approve = Approve(DEVICE, REQUEST, "exact match")

    assert planned(a_place(approve), [OLD], {OLD.key: Remediation.REJECT}) == [approve]


def test_a_request_that_waits_no_more_is_not_rejected():
    admitted = replace(REQUEST, progress=Progress.PROVISIONED)

    assert planned(a_place(request=admitted), [OLD], {OLD.key: Remediation.REJECT}) == []
