"""The catalog of actions: every field of every record is pinned here."""

import pytest

from fleet.action.action import Adopt, Approve, Confirm, Hold, Reject, Retire, Retry, Rotate
from fleet.state.action_kind import ACTION_KINDS, ActionKind, ActionRecord
from fleet.system.enroll import Enroll

CLASSES = {
    "enroll": Enroll,
    "adopt": Adopt,
    "approve": Approve,
    "reject": Reject,
    "retry": Retry,
    "confirm": Confirm,
    "hold": Hold,
    "retire": Retire,
    "rotate": Rotate,
}


def test_every_record_is_pinned() -> None:
    assert {
        "enroll": ActionRecord("enroll", "enroll", "enrolled"),
        "adopt": ActionRecord("adopt", "adopt", "adopted"),
        "approve": ActionRecord("approve", "approve", "admitted"),
        "reject": ActionRecord("reject", "reject", "rejected"),
        "retry": ActionRecord("retry", "retry failed provisioning", "retried"),
        "confirm": ActionRecord("confirm", "confirm", "confirmed in service"),
        "hold": ActionRecord("hold", "hold", "held"),
        "retire": ActionRecord("retire", "retire", "retired"),
        "rotate": ActionRecord("rotate token", "rotate token", "rotated"),
    } == ACTION_KINDS


@pytest.mark.parametrize("kind", ActionKind)
def test_every_action_has_its_code_and_its_record(kind: ActionKind) -> None:
    assert CLASSES[kind.value].kind is kind
    assert kind.record is ACTION_KINDS[kind]
