"""An action is what is done: what is recorded beside it makes it no other one."""

from typing import Any

import pytest

from fleet.action.action import Approve, Hold, Reject
from fleet.admission.evidence import Code, Evidence
from fleet.device.identity import Identity
from fleet.state.reason_code import ReasonCode
from tests.fleet.builders import a_device, a_request

NOBODY = Identity()


def an_evidence(number: int) -> Evidence:
    return Evidence("plant-7", f"{number}", f"{number}", "edge-1", Code.OWN, "", NOBODY, NOBODY)


def approve(**more: Any) -> Approve:
    return Approve(a_device(), a_request(), "it fits", **more)


def reject(**more: Any) -> Reject:
    return Reject(a_device(), a_request(), "it does not fit", **more)


def hold(**more: Any) -> Hold:
    return Hold(a_request(), ReasonCode.CLONE, "it is a clone", a_device(), **more)


@pytest.mark.parametrize("action", [approve, reject, hold])
def test_an_action_is_the_same_whatever_evidence_is_recorded(action: Any) -> None:
    assert action(evidence=an_evidence(1)) == action(evidence=an_evidence(2)) == action()
    assert action().evidence is None


def test_people_reject_unless_it_is_said_that_night_rules_do() -> None:
    assert not reject().is_by_night_rules
