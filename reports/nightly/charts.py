"""Charts of the last nights: the position and the text of each night's column."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from reports.nightly.facts import NightFacts
from reports.nightly.trend import NIGHTS, night_of, trend_frame
from reports.page.wording import brief

Night = tuple[str, dict[Any, Any] | None]  # its date and row; None when there is no report of it
SLOT = 10  # a night's width in the chart's own units; its height is 100


@dataclass(frozen=True, slots=True)
class Slot:
    """One night in a chart: its `height` in percent, None when unknown, and its tooltip."""

    x: int
    height: float | None
    label: str
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure over the last nights, as columns from zero or as a line between `low` and `top`.

    `tone` colors it. `latest` is tonight's value; `desc` describes the chart for screen readers.
    """

    name: str
    title: str
    tone: str
    is_line: bool
    slots: Sequence[Slot]
    latest: str
    low: str
    top: str
    first: str
    last: str
    desc: str

    @property
    def width(self) -> int:
        """Of all slots, in the chart's own units."""
        return SLOT * len(self.slots)

    @property
    def tip(self) -> str:
        """Where the line is tonight; "" when that is not known."""
        slot = self.slots[-1]
        return "" if slot.height is None else f"{slot.x + SLOT / 2:g} {100 - slot.height:.2f}"

    @property
    def strokes(self) -> list[str]:
        """The line's points, broken where a night is missed or its value unknown."""
        lines: list[list[str]] = [[]]
        for slot in self.slots:
            if slot.height is None:
                lines.append([])
            else:
                lines[-1].append(f"{slot.x + SLOT / 2:g},{100 - slot.height:.2f}")
        return [" ".join([*points, points[-1]]) for points in lines if points]


@dataclass(frozen=True, slots=True)
class _Measure:
    name: str
    title: str
    tone: str
    unit: str = ""  # of lines: "%" or "s"


MEASURES = (
    _Measure("share", "In service", "good", "%"),
    _Measure("not_in_service", "Not in service", "warn"),
    _Measure("needs_attention", "Needs attention", "bad"),
    _Measure("findings", "Findings", "warn"),
    _Measure("not_checked", "Not checked", "idle"),
    _Measure("actions", "Actions", "move"),
    _Measure("decisions", "Decisions", "move"),
    _Measure("p50_waited_for_provisioning_s", "Provisioning", "move", "s"),
)

LINES = {"%": "Percent of the devices that were checked. ", "s": "Median duration. "}


def charts(facts: NightFacts) -> list[Chart]:
    """One chart per measure; none of what was always zero, and none of a single night."""
    rows = [_with_share(row) for row in trend_frame(facts).to_dict("records")]
    if len(rows) < 2:
        return []
    known: list[Night] = [(row["night"], row) for row in rows]
    missed: list[Night] = [(day, None) for day in _last_days(facts) if day > rows[0]["night"]]
    missed = [night for night in missed if night[0] not in dict(known)]
    nights = sorted([*known, *missed], key=lambda night: night[0])[-NIGHTS:]
    drawn = (_chart(measure, nights) for measure in MEASURES)
    return [chart for chart in drawn if chart]


def _last_days(facts: NightFacts) -> list[str]:
    """The last days, each of which should have a night."""
    tonight = night_of(facts.started_at, facts.zone)
    return [(tonight - timedelta(days=ago)).isoformat() for ago in range(NIGHTS)]


def _with_share(row: dict[Any, Any]) -> dict[Any, Any]:
    seen = row["devices"] - row["not_checked"]
    return {**row, "share": 100 * row["in_service"] / seen if seen else math.nan}


def _chart(measure: _Measure, nights: Sequence[Night]) -> Chart | None:
    values = [row[measure.name] if row else math.nan for _, row in nights]
    known = [value for value in values if _is_known(value)]
    if len(known) < 2 or not any(known):
        return None
    low, top = 0.0, max(known)
    if measure.unit == "%":
        low, top = max(0.0, math.floor(min(known)) - 1.0), 100.0
    slots = []
    for place, ((night, row), value) in enumerate(zip(nights, values, strict=True)):
        x = place * SLOT
        if row is None:
            slots.append(Slot(x, None, f"{night}: missed", is_missed=True))
        elif not _is_known(value):
            slots.append(Slot(x, None, f"{night}: not known"))
        else:
            height = 100 * (value - low) / (top - low)
            slots.append(Slot(x, height, f"{night}: {_shown(value, measure.unit)}"))
    return Chart(
        name=measure.name,
        title=measure.title,
        tone=measure.tone,
        is_line=bool(measure.unit),
        slots=slots,
        latest=_shown(values[-1], measure.unit),
        low=_shown(low, measure.unit) if measure.unit == "%" else "0",
        top=_shown(top, measure.unit),
        first=_day(nights[0][0]),
        last=_day(nights[-1][0]),
        desc=(
            f"{LINES.get(measure.unit, '')}"
            f"{sum(row is not None for _, row in nights)} nights, "
            f"{nights[0][0]} to {nights[-1][0]}: "
            f"lowest {_shown(min(known), measure.unit)}, "
            f"highest {_shown(max(known), measure.unit)}, "
            f"tonight {_shown(values[-1], measure.unit)}."
        ),
    )


def _is_known(value: float) -> bool:
    return math.isfinite(value) and value >= 0


def _shown(value: float, unit: str) -> str:
    if not _is_known(value):
        return "not known"
    if unit == "%":
        # Rounded down: only all devices are 100 %.
        return f"{math.floor(value * 10) / 10:g} %"
    return brief(value) if unit == "s" else f"{value:,.0f}"


def _day(night: str) -> str:
    day = date.fromisoformat(night)
    return f"{day.day} {day:%b}"
