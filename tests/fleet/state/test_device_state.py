"""The catalog of device states: every field of every record is pinned here."""

import re

import pytest

from fleet.state.device_state import (
    BY_URGENCY,
    DEVICE_STATES,
    NEEDING_ATTENTION,
    ON_THEIR_WAY,
    STATE_TONES,
    State,
)
from fleet.state.pipeline_step import PipelineStep
from fleet.text.tone import Tone

URGENCY = [
    State.IDENTITY_MISMATCH,
    State.KEY_LOST,
    State.FAILED,
    State.MISSING,
    State.HELD,
    State.REJECTED,
    State.RETIRED,
    State.NOT_ENROLLED,
    State.WAITING,
    State.APPROVAL_NOT_SHOWN,
    State.PROVISIONING,
    State.IN_SERVICE,
]
TONES = {
    State.IDENTITY_MISMATCH: Tone.BAD,
    State.KEY_LOST: Tone.BAD,
    State.FAILED: Tone.BAD,
    State.MISSING: Tone.BAD,
    State.HELD: Tone.WARN,
    State.REJECTED: Tone.BAD,
    State.RETIRED: Tone.WARN,
    State.NOT_ENROLLED: Tone.IDLE,
    State.WAITING: Tone.IDLE,
    State.APPROVAL_NOT_SHOWN: Tone.MOVE,
    State.PROVISIONING: Tone.MOVE,
    State.IN_SERVICE: Tone.GOOD,
}
LABELS = {
    State.NOT_ENROLLED: "not enrolled",
    State.WAITING: "waiting",
    State.HELD: "held for a person",
    State.APPROVAL_NOT_SHOWN: "approval not shown",
    State.PROVISIONING: "being provisioned",
    State.FAILED: "failed",
    State.KEY_LOST: "key lost",
    State.IDENTITY_MISMATCH: "identity mismatch",
    State.MISSING: "missing",
    State.REJECTED: "rejected",
    State.RETIRED: "retired",
    State.IN_SERVICE: "in service",
}
STEPS = {
    State.NOT_ENROLLED: PipelineStep.PLAN,
    State.WAITING: PipelineStep.WAIT_FOR_REQUEST,
    State.HELD: PipelineStep.WAIT_FOR_DECISION,
    State.APPROVAL_NOT_SHOWN: PipelineStep.WAIT_FOR_PROVISIONING,
    State.PROVISIONING: PipelineStep.WAIT_FOR_PROVISIONING,
    State.FAILED: PipelineStep.ASSESS,
    State.KEY_LOST: PipelineStep.ASSESS,
    State.IDENTITY_MISMATCH: PipelineStep.ASSESS,
    State.MISSING: PipelineStep.ASSESS,
    State.REJECTED: PipelineStep.ASSESS,
    State.RETIRED: PipelineStep.DONE,
    State.IN_SERVICE: PipelineStep.DONE,
}
REMEDIES = {
    State.IDENTITY_MISMATCH: "Find out which machine it is. If it is another one, delete it and "
    "its request in the system. If it is the device, correct its line by what it shows. Then run "
    "onboard-site again.",
    State.KEY_LOST: "Do what the reason says. A system gives a key once; nothing else replaces it.",
    State.FAILED: "Remove the cause. Then run this roster again: a new run tries it anew.",
    State.HELD: "Find out what it asks. Run review-requests for this site to approve or reject it.",
    State.APPROVAL_NOT_SHOWN: "If it stays so, open its request in the system. Approve it there; "
    "or reject and delete it, so that the device asks again.",
    State.REJECTED: "To admit it after all, delete its request in the system and let it ask again.",
}


def those(name: str) -> set[State]:
    """The states of whose records a flag is true."""
    return {state for state, record in DEVICE_STATES.items() if getattr(record, name)}


def test_every_state_has_one_record() -> None:
    assert [*DEVICE_STATES] == [*State]
    assert all(state.record is record for state, record in DEVICE_STATES.items())


def test_the_most_urgent_come_first() -> None:
    assert BY_URGENCY == URGENCY
    assert [state.record.urgency for state in URGENCY] == [*range(1, 13)]


def test_who_needs_attention_and_who_is_on_the_way_is_pinned() -> None:
    assert list(NEEDING_ATTENTION) == [LABELS[state] for state in URGENCY[:7]]
    assert list(ON_THEIR_WAY) == [LABELS[state] for state in URGENCY[7:11]]
    assert those("needs_attention") == {*URGENCY[:7]}
    assert those("is_on_its_way") == {*URGENCY[7:11]}


def test_labels_and_codes_are_pinned() -> None:
    assert {state: state.record.label for state in State} == LABELS
    assert all(re.fullmatch("[a-z_]+", state) for state in State)


def test_where_a_device_rests_in_the_pipeline_is_pinned() -> None:
    assert {state: state.record.rests_at for state in State} == STEPS


def test_what_is_final_is_pinned() -> None:
    assert those("is_final") == {*State} - {*URGENCY[7:11]} - {State.MISSING}


def test_tones_are_pinned() -> None:
    assert {state: state.record.tone for state in State} == TONES
    assert {LABELS[state]: tone for state, tone in TONES.items()} == STATE_TONES


@pytest.mark.parametrize("state", State)
def test_remedies_are_pinned_sentences(state: State) -> None:
    assert state.record.remedy == REMEDIES.get(state, "")
    assert re.fullmatch(r"|[A-Z].*\.", state.record.remedy)
