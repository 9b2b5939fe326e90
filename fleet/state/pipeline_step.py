"""The steps of the pipeline at which a device may be, and what each says of it."""

from collections.abc import Mapping
from enum import StrEnum


class PipelineStep(StrEnum):
    """A step of the pipeline, called as its modules are, or a wait."""

    OBSERVE = "observe"
    MATCH = "match"
    ASSESS = "assess"
    PLAN = "plan"
    EXECUTE = "execute"
    RESOLVE = "resolve"
    WAIT_FOR_REQUEST = "wait for request"
    WAIT_FOR_DECISION = "wait for decision"
    WAIT_FOR_PROVISIONING = "wait for provisioning"
    DONE = "done"

    @property
    def meaning(self) -> str:
        """What that says of a device."""
        return _MEANINGS[self]


_MEANINGS: Mapping[PipelineStep, str] = {
    PipelineStep.OBSERVE: "its system could not be observed",
    PipelineStep.MATCH: "a pending request matches no device: it may be this one's",
    PipelineStep.ASSESS: "its status is such that no action follows by itself",
    PipelineStep.PLAN: "it needs an enrollment, which onboard-site plans",
    PipelineStep.EXECUTE: "an action is planned, and the next run executes it",
    PipelineStep.RESOLVE: "a call was not answered, and the next observation shows what came of it",
    PipelineStep.WAIT_FOR_REQUEST: "the device has not asked yet",
    PipelineStep.WAIT_FOR_DECISION: "a person is to decide on its request",
    PipelineStep.WAIT_FOR_PROVISIONING: "its system has not brought it into service yet",
    PipelineStep.DONE: "nothing is left to do",
}
