"""An activation request: a device asks to be admitted; its steps and its shape."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulator.lem.booted_device import Behavior
from simulator.lem.settings import LemSettings


class State(StrEnum):
    """The state of a request in our own words: LEM's are partly unknown, so they are switches."""

    PENDING = "pending"
    PROCESSING = "processing"
    FAILED = "failed"
    ACTIVATED = "activated"
    REJECTED = "rejected"
    DEACTIVATED = "deactivated"


class Progress(StrEnum):
    """How far one step is."""

    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


ACTIVATION, PROVISION = ("ACTIVATION", "Activation"), ("PROVISION", "Provision")
STEPS = {
    "RECEIVED": (*ACTIVATION, "Activation request received"),
    "APPROVED": (*ACTIVATION, "Activation request approved"),
    "CONFIRMED": (*ACTIVATION, "Activation request confirmed"),
    "LICENSE_GENERATED": (*PROVISION, "Offline license generated"),
    "LICENSE_PROVISIONED": (*PROVISION, "License provisioned to the device"),
}


@dataclass(slots=True)
class Step:
    """One step a request has reached."""

    name: str
    progress: Progress
    updated_at: int
    message: str | None = None

    @property
    def stage(self) -> str:
        """The stage it belongs to."""
        return STEPS[self.name][0]


@dataclass(slots=True)
class ActivationRequest:
    """One request as LEM stores it, with how its device behaves."""

    entry_id: int
    project: str
    code: str
    host_id: str
    macs: list[str]
    version: str
    pretty_name: str
    license_type: str
    created_on: int
    behavior: Behavior = "prompt"
    state: State = State.PENDING
    message: str = ""
    device_id: str | None = None
    updated_by: str | None = None
    steps: list[Step] = field(default_factory=list)
    step_due: int | None = None
    retries: int = 0

    def shape(self, words: LemSettings) -> dict[str, Any]:
        """The element of the request list."""
        return {
            "entryID": self.entry_id,
            "code": self.code,
            "hostname": f"litmus-edge-{self.host_id}",
            "macAddress": ",".join(self.macs),
            "info": _info(self.version),
            "status": _status(self.state, words),
            "message": self.message,
            "projectId": self.project,
            "deviceId": self.device_id,
            "createdOn": self.created_on,
            "hostID": self.host_id,
            "provisionStatus": _provision_status(self.steps, words),
            "zerotierNodeId": self.host_id[:10],
            "prettyName": self.pretty_name,
            "templates": [],
            "licenseType": self.license_type,
            "updatedBy": self.updated_by,
        }


def _info(version: str) -> dict[str, Any]:
    # The names say gigabytes, the documented numbers are plainly megabytes.
    return {
        "type": "litmusedge",
        "version": version,
        "memoryGb": 7847,
        "storageGb": 223791,
        "virtualization": None,
        "hw": "physical",
    }


def _status(state: State, words: LemSettings) -> str:
    switched = {
        State.PENDING: words.pending_status,
        State.PROCESSING: words.processing_status,
        State.FAILED: words.failed_status,
    }
    return switched.get(state, state.name)


def _provision_status(steps: list[Step], words: LemSettings) -> list[dict[str, Any]]:
    stages: dict[str, list[Progress]] = {}
    for step in steps:
        stages.setdefault(step.stage, []).append(step.progress)
    said = {
        Progress.RUNNING: words.running_status,
        Progress.DONE: "DONE",
        Progress.SKIPPED: "SKIPPED",
        Progress.FAILED: words.failed_status,
    }
    return [_step_shape(step, said[_stage_progress(stages[step.stage])], said) for step in steps]


def _stage_progress(steps: list[Progress]) -> Progress:
    for notable in (Progress.FAILED, Progress.RUNNING):
        if notable in steps:
            return notable
    return Progress.DONE


def _step_shape(step: Step, stage_status: str, said: dict[Progress, str]) -> dict[str, Any]:
    stage, stage_name, step_name = STEPS[step.name]
    return {
        "stage": stage,
        "stageName": stage_name,
        "stageStatus": stage_status,
        "step": step.name,
        "stepName": step_name,
        "properties": {},
        "stepStatus": said[step.progress],
        "message": step.message,
        "updatedAt": step.updated_at,
    }
