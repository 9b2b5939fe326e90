"""The catalog of actions: the code that the journal stores, and what people call each.

A system may have words of its own for enrolling and admitting: they are in its profile.
"""

from dataclasses import dataclass
from enum import StrEnum


class ActionKind(StrEnum):
    """A kind of action, the same for every system."""

    ENROLL = "enroll"
    ADOPT = "adopt"
    APPROVE = "approve"
    REJECT = "reject"
    RETRY = "retry"
    CONFIRM = "confirm"
    HOLD = "hold"
    RETIRE = "retire"
    ROTATE = "rotate"

    @property
    def record(self) -> "ActionRecord":
        """Its record in the catalog."""
        return ACTION_KINDS[self]


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One kind of action: `label` in tables, `phrase` in sentences, and what was done by it."""

    label: str
    phrase: str
    done: str


ACTION_KINDS = {
    ActionKind.ENROLL: ActionRecord("enroll", "enroll", "enrolled"),
    ActionKind.ADOPT: ActionRecord("adopt", "adopt", "adopted"),
    ActionKind.APPROVE: ActionRecord("approve", "approve", "admitted"),
    ActionKind.REJECT: ActionRecord("reject", "reject", "rejected"),
    ActionKind.RETRY: ActionRecord("retry", "retry failed provisioning", "retried"),
    ActionKind.CONFIRM: ActionRecord("confirm", "confirm", "confirmed in service"),
    ActionKind.HOLD: ActionRecord("hold", "hold", "held"),
    ActionKind.RETIRE: ActionRecord("retire", "retire", "retired"),
    ActionKind.ROTATE: ActionRecord("rotate token", "rotate token", "rotated"),
}
