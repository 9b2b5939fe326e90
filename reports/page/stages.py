"""Stages of onboarding: how long each wait between two of them took."""

from dataclasses import dataclass

import pandas as pd

STAGES = ("enrolled", "asked", "approved", "provisioned", "confirmed")


@dataclass(frozen=True, slots=True)
class Wait:
    """The time between two stages; the column that holds it, in seconds; its name for people."""

    since: str
    until: str
    column: str
    label: str

    def seconds(self, stages: object) -> float | None:
        """How long it took whoever has those stages as attributes; None as `with_waits` says."""
        since, until = getattr(stages, self.since), getattr(stages, self.until)
        is_known = since and until and since <= until
        return (until - since).total_seconds() if is_known else None


WAITS = (
    Wait("enrolled", "asked", "waited_for_request_s", "Waiting for the request"),
    Wait("asked", "approved", "waited_for_approval_s", "Waiting for approval"),
    Wait("approved", "provisioned", "waited_for_provisioning_s", "Provisioning"),
)


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long one wait of `count` devices took; `device` was the slowest."""

    label: str
    count: int
    median: float
    slowest: float
    device: str


def with_waits(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with a column of seconds per wait.

    NaN where a stage is unknown, and where the later stage seems to come first: then two clocks
    disagree, or the device asked with an earlier code.
    """
    for wait in WAITS:
        seconds = (frame[wait.until] - frame[wait.since]).dt.total_seconds()
        frame[wait.column] = seconds.where(seconds >= 0).astype("float64")
    return frame


def stage_times(frame: pd.DataFrame) -> list[StageTime]:
    """The waits of which any device has a duration, in order."""
    found = []
    for wait in WAITS:
        known = frame.loc[frame[wait.column].notna(), ["device", wait.column]]
        if len(known):
            seconds = known[wait.column]
            slowest = int(seconds.to_numpy().argmax())
            device = str(known["device"].iloc[slowest])
            found.append(
                StageTime(
                    wait.label, len(known), float(seconds.median()), float(seconds.max()), device
                )
            )
    return found
