"""The catalog of device states: one record per state, with everything that depends on it.

For example edge-042 is *held for a person*: nothing more happens by itself, so its record says
`needs_attention`, a tone of warning, and what that person should do.
"""

from dataclasses import dataclass
from enum import StrEnum

from fleet.text.tone import Tone


class State(StrEnum):
    """How a device is. Only our own record says *retired*, and only a night says *missing*."""

    NOT_ENROLLED = "not enrolled"
    WAITING = "waiting"
    HELD = "held for a person"
    APPROVAL_NOT_SHOWN = "approval not shown"
    PROVISIONING = "being provisioned"
    FAILED = "failed"
    KEY_LOST = "key lost"
    MISSING = "missing"
    REJECTED = "rejected"
    RETIRED = "retired"
    IN_SERVICE = "in service"

    @property
    def record(self) -> "StateRecord":
        """What the catalog says of it."""
        return DEVICE_STATES[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRecord:
    """One state. Reports put a smaller `urgency` first.

    `needs_attention`: only a person helps; `is_on_its_way`: something is still to come of it by
    itself. `is_final`: waiting longer would change nothing. `remedy` is what a person should do
    about it at the end of a run; "" where nothing, or where something else says it.
    """

    urgency: int
    tone: Tone
    needs_attention: bool = False
    is_on_its_way: bool = False
    is_final: bool = False
    remedy: str = ""


DEVICE_STATES = {
    State.NOT_ENROLLED: StateRecord(urgency=7, tone=Tone.IDLE, is_on_its_way=True),
    State.WAITING: StateRecord(urgency=8, tone=Tone.IDLE, is_on_its_way=True),
    State.HELD: StateRecord(
        urgency=4,
        tone=Tone.WARN,
        needs_attention=True,
        is_final=True,
        remedy="Find out what it asks. Run review-requests for this site to approve or reject it.",
    ),
    State.APPROVAL_NOT_SHOWN: StateRecord(
        urgency=9,
        tone=Tone.MOVE,
        is_on_its_way=True,
        remedy="If it stays so, open its request in the system. Approve it there; or reject and "
        "delete it, so that the device asks again.",
    ),
    State.PROVISIONING: StateRecord(urgency=10, tone=Tone.MOVE, is_on_its_way=True),
    State.FAILED: StateRecord(
        urgency=2,
        tone=Tone.BAD,
        needs_attention=True,
        is_final=True,
        remedy="Remove the cause. Then run this roster again: a new run tries it anew.",
    ),
    State.KEY_LOST: StateRecord(
        urgency=1,
        tone=Tone.BAD,
        needs_attention=True,
        is_final=True,
        remedy="Do what the reason says. A system gives a key once; nothing else replaces it.",
    ),
    State.MISSING: StateRecord(urgency=3, tone=Tone.BAD, needs_attention=True),
    State.REJECTED: StateRecord(
        urgency=5,
        tone=Tone.BAD,
        needs_attention=True,
        is_final=True,
        remedy="To admit it after all, delete its request in the system and let it ask again.",
    ),
    State.RETIRED: StateRecord(urgency=6, tone=Tone.WARN, needs_attention=True, is_final=True),
    State.IN_SERVICE: StateRecord(urgency=11, tone=Tone.GOOD, is_final=True),
}
BY_URGENCY = sorted(State, key=lambda state: state.record.urgency)
NEEDING_ATTENTION = tuple(state.value for state in BY_URGENCY if state.record.needs_attention)
ON_THEIR_WAY = tuple(state.value for state in BY_URGENCY if state.record.is_on_its_way)
STATE_TONES: dict[str, str] = {state.value: state.record.tone for state in State}
