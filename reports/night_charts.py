"""Charts of the last nights: where each night's column stands, and what it says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reports.night_facts import NightFacts
from reports.night_trend import trend_frame
from reports.wording import brief

SLOT = 10  # a night's width in the chart's own units; its height is 100


@dataclass(frozen=True, slots=True)
class Slot:
    """One night in a chart: `height` in percent, None when it is not known; what it says."""

    x: int
    height: float | None
    told: str
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure over the last nights, as columns from zero or as a line between `low` and `top`.

    `tone` colours it. `latest` is tonight's value; `desc` says it all in a sentence.
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
    _Measure("not_in_service", "Not in service", "bad"),
    _Measure("findings", "Findings", "warn"),
    _Measure("not_checked", "Not checked", "idle"),
    _Measure("acts", "Done", "move"),
    _Measure("decisions", "Decisions", "move"),
    _Measure("p50_waited_for_provisioning_s", "Provisioning", "move", "s"),
)

LINES = {"%": "Percent of the devices that were checked. ", "s": "Median time that it took. "}


def charts(facts: NightFacts) -> list[Chart]:
    """What there is to look at: no chart of what was zero all the time, none of a single night."""
    rows = [_with_share(row) for row in trend_frame(facts).to_dict("records")]
    if len(rows) < 2:
        return []
    nights = [row["night"] for row in rows]
    missed = sorted({night.isoformat() for night in facts.missed} - {*nights})
    slots = sorted([*enumerate(nights), *((-1, n) for n in missed if n > nights[0])], key=_when)
    return [
        _chart(measure, rows, slots)
        for measure in MEASURES
        if _is_worth([row[measure.name] for row in rows])
    ]


def _is_worth(values: Sequence[float]) -> bool:
    known = [value for value in values if _is_known(value)]
    return len(known) > 1 and any(known)


def _when(slot: tuple[int, str]) -> tuple[str, int]:
    return slot[1], slot[0]


def _with_share(row: dict[Any, Any]) -> dict[Any, Any]:
    seen = row["devices"] - row["not_checked"]
    return {**row, "share": 100 * row["in_service"] / seen if seen else math.nan}


def _chart(measure: _Measure, rows: list[dict[Any, Any]], nights: list[tuple[int, str]]) -> Chart:
    values = [row[measure.name] for row in rows]
    known = [value for value in values if _is_known(value)]
    low, top = 0.0, max(known)
    if measure.unit == "%":
        low, top = max(0.0, math.floor(min(known)) - 1.0), 100.0
    slots = []
    for place, (index, night) in enumerate(nights):
        x = place * SLOT
        if index < 0:
            slots.append(Slot(x, None, f"{night}: missed", is_missed=True))
        elif not _is_known(values[index]):
            slots.append(Slot(x, None, f"{night}: not known"))
        else:
            height = 100 * (values[index] - low) / (top - low)
            slots.append(Slot(x, height, f"{night}: {_told(values[index], measure.unit)}"))
    return Chart(
        name=measure.name,
        title=measure.title,
        tone=measure.tone,
        is_line=bool(measure.unit),
        slots=slots,
        latest=_told(values[-1], measure.unit),
        low=_told(low, measure.unit) if measure.unit == "%" else "0",
        top=_told(top, measure.unit),
        first=_day(nights[0][1]),
        last=_day(nights[-1][1]),
        desc=(
            f"{LINES.get(measure.unit, '')}"
            f"{len(rows)} nights, {nights[0][1]} to {nights[-1][1]}: "
            f"lowest {_told(min(known), measure.unit)}, highest {_told(max(known), measure.unit)}, "
            f"tonight {_told(values[-1], measure.unit)}."
        ),
    )


def _is_known(value: float) -> bool:
    return math.isfinite(value)


def _told(value: float, unit: str) -> str:
    if not _is_known(value):
        return "not known"
    if unit == "%":
        # Rounded down: 100 % is said of all alone.
        return f"{math.floor(value * 10) / 10:g} %"
    return brief(value) if unit == "s" else f"{value:,.0f}"


def _day(night: str) -> str:
    day = date.fromisoformat(night)
    return f"{day.day} {day:%b}"
