"""Stage times of a night: how long each stage of onboarding took in the last 30 days."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import pandas as pd

from reports.nightly.columns import COUNT, FLAG, NUMBER, TEXT, TIME, frame_of
from reports.nightly.facts import NightDevice, NightFacts
from reports.page.stages import STAGES, WAITS, with_waits

LATELY = timedelta(days=30)  # the times of a year would hide those of this week
COLUMNS = {
    "what": TEXT,
    "name": TEXT,
    "count": COUNT,
    "p50_s": NUMBER,
    "p95_s": NUMBER,
    "slowest_s": NUMBER,
    "slowest_site": TEXT,
    "slowest_device": TEXT,
    "is_slowest": FLAG,
}
Taken = list[tuple[float, NightDevice]]


def stages_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per stage, then one per step of the systems' logs; in seconds.

    The stage and the step with the largest median are marked `is_slowest`.
    """
    lately = [s for s in facts.devices if _moved_at(s, facts) >= facts.started_at - LATELY]
    stages, steps = dict(_stages(lately)), _steps(lately)
    rows = [*_rows("stage", stages), *_rows("step", steps)]
    return frame_of(COLUMNS, rows)


def device_times(devices: Sequence[NightDevice]) -> pd.DataFrame:
    """When each device reached each stage, and the seconds between them, in the same order."""
    rows = (tuple(getattr(each, stage) for stage in STAGES) for each in devices)
    frame = frame_of(dict.fromkeys(STAGES, TIME), rows)
    return with_waits(frame)


def is_time(seconds: float) -> bool:
    """Whether that can be a duration; two clocks that disagree give none."""
    return math.isfinite(seconds) and seconds >= 0


def _moved_at(device: NightDevice, facts: NightFacts) -> datetime:
    """When it last reached a stage; the start of this night where that is unknown."""
    moves = (device.enrolled, device.asked, device.approved, device.provisioned)
    return max(filter(None, moves), default=facts.started_at)


def _stages(devices: Sequence[NightDevice]) -> Iterator[tuple[str, Taken]]:
    for wait in WAITS:
        taken = ((wait.seconds(each), each) for each in devices)
        yield wait.label, [(seconds, each) for seconds, each in taken if seconds is not None]


def _steps(devices: Sequence[NightDevice]) -> Mapping[str, Taken]:
    """What each step took, in the order in which the logs first name them."""
    taken: dict[str, Taken] = {}
    for each in devices:
        for name, seconds in each.steps:
            if is_time(seconds):
                taken.setdefault(name, []).append((seconds, each))
    return taken


def _rows(what: str, taken: Mapping[str, Taken]) -> Iterator[tuple[object, ...]]:
    quantiles = {
        name: pd.Series([seconds for seconds, _ in times]).quantile([0.5, 0.95]).tolist()
        for name, times in taken.items()
        if times
    }
    longest = max(quantiles, key=lambda name: quantiles[name], default="")
    for name, (p50, p95) in quantiles.items():
        seconds, slowest = max(taken[name], key=lambda each: each[0])
        where = (slowest.site, slowest.device)
        yield (what, name, len(taken[name]), p50, p95, seconds, *where, name == longest)
