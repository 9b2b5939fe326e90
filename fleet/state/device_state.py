"""The catalog of device states: one record per state, with everything that depends on it.

For example edge-042 is *held for a person*: nothing more happens by itself, so its record says
`needs_attention`, a tone of warning, and what that person should do.
"""

from dataclasses import dataclass
from enum import StrEnum

from fleet.state.pipeline_step import PipelineStep
from fleet.text.tone import Tone


class State(StrEnum):
    """How a device is, as the ledger stores it.

    Only our own record says *retired*, and only a night says *missing*.
    """

    NOT_ENROLLED = "not_enrolled"
    WAITING = "waiting"
    HELD = "held"
    APPROVAL_NOT_SHOWN = "approval_not_shown"
    PROVISIONING = "provisioning"
    FAILED = "failed"
    KEY_LOST = "key_lost"
    IDENTITY_MISMATCH = "identity_mismatch"
    MISSING = "missing"
    REJECTED = "rejected"
    RETIRED = "retired"
    IN_SERVICE = "in_service"

    @property
    def record(self) -> "StateRecord":
        """What the catalog says of it."""
        return DEVICE_STATES[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRecord:
    """One state. `label` is what people read; reports put a smaller `urgency` first.

    `rests_at` is the step of the pipeline at which a device in it is, as long as nothing is planned
    for it and no call is unanswered.

    `needs_attention`: only a person helps; `is_on_its_way`: something is still to come of it by
    itself. `is_final`: waiting longer would change nothing. `remedy` is what a person should do
    about it at the end of a run; "" where nothing, or where something else says it.
    """

    label: str
    urgency: int
    tone: Tone
    rests_at: PipelineStep
    needs_attention: bool = False
    is_on_its_way: bool = False
    is_final: bool = False
    remedy: str = ""


# What to do about a machine that is admitted in a device's name and cannot be that device.
NOT_ITSELF = (
    "Find out which machine it is. If it is another one, delete it and its request in the system. "
    "If it is the device, correct its line by what it shows. Then run onboard-site again."
)
DEVICE_STATES = {
    State.NOT_ENROLLED: StateRecord(
        label="not enrolled",
        rests_at=PipelineStep.PLAN,
        urgency=8,
        tone=Tone.IDLE,
        is_on_its_way=True,
    ),
    State.WAITING: StateRecord(
        label="waiting",
        rests_at=PipelineStep.WAIT_FOR_REQUEST,
        urgency=9,
        tone=Tone.IDLE,
        is_on_its_way=True,
    ),
    State.HELD: StateRecord(
        label="held for a person",
        rests_at=PipelineStep.WAIT_FOR_DECISION,
        urgency=5,
        tone=Tone.WARN,
        needs_attention=True,
        is_final=True,
        remedy="Find out what it asks. Run review-requests for this site to approve or reject it.",
    ),
    State.APPROVAL_NOT_SHOWN: StateRecord(
        label="approval not shown",
        rests_at=PipelineStep.WAIT_FOR_PROVISIONING,
        urgency=10,
        tone=Tone.MOVE,
        is_on_its_way=True,
        remedy="If it stays so, open its request in the system. Approve it there; or reject and "
        "delete it, so that the device asks again.",
    ),
    State.PROVISIONING: StateRecord(
        label="being provisioned",
        rests_at=PipelineStep.WAIT_FOR_PROVISIONING,
        urgency=11,
        tone=Tone.MOVE,
        is_on_its_way=True,
    ),
    State.FAILED: StateRecord(
        label="failed",
        rests_at=PipelineStep.ASSESS,
        urgency=3,
        tone=Tone.BAD,
        needs_attention=True,
        is_final=True,
        remedy="Remove the cause. Then run this roster again: a new run tries it anew.",
    ),
    State.KEY_LOST: StateRecord(
        label="key lost",
        rests_at=PipelineStep.ASSESS,
        urgency=2,
        tone=Tone.BAD,
        needs_attention=True,
        is_final=True,
        remedy="Do what the reason says. A system gives a key once; nothing else replaces it.",
    ),
    State.IDENTITY_MISMATCH: StateRecord(
        label="identity mismatch",
        rests_at=PipelineStep.ASSESS,
        urgency=1,
        tone=Tone.BAD,
        needs_attention=True,
        is_final=True,
        remedy=NOT_ITSELF,
    ),
    State.MISSING: StateRecord(
        label="missing",
        rests_at=PipelineStep.ASSESS,
        urgency=4,
        tone=Tone.BAD,
        needs_attention=True,
    ),
    State.REJECTED: StateRecord(
        label="rejected",
        rests_at=PipelineStep.ASSESS,
        urgency=6,
        tone=Tone.BAD,
        needs_attention=True,
        is_final=True,
        remedy="To admit it after all, delete its request in the system and let it ask again.",
    ),
    State.RETIRED: StateRecord(
        label="retired",
        rests_at=PipelineStep.DONE,
        urgency=7,
        tone=Tone.WARN,
        needs_attention=True,
        is_final=True,
    ),
    State.IN_SERVICE: StateRecord(
        label="in service", rests_at=PipelineStep.DONE, urgency=12, tone=Tone.GOOD, is_final=True
    ),
}
BY_URGENCY = sorted(State, key=lambda state: state.record.urgency)
# By their labels, as reports show them.
NEEDING_ATTENTION = tuple(s.record.label for s in BY_URGENCY if s.record.needs_attention)
ON_THEIR_WAY = tuple(s.record.label for s in BY_URGENCY if s.record.is_on_its_way)
STATE_TONES: dict[str, str] = {state.record.label: state.record.tone for state in State}
