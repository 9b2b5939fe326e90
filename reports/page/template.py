"""What the pages of reports are made with: templates that escape, and the parts of a bar."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.page.wording import brief, clock, counted


def environment(filters: Mapping[str, Callable[..., Any]], names: Mapping[str, Any]) -> Environment:
    """All templates of reports, with these filters and names beside the common ones."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"clock": clock, "brief": brief, "counted": counted, **filters}
    made.globals |= names
    return made


def shares(counts: Mapping[str, int]) -> list[tuple[str, int, float, float]]:
    """State, number, and where its part of a bar begins and how wide it is, both in percent."""
    found, start, total = [], 0.0, sum(counts.values())
    for state, number in counts.items():
        if number:
            width = 100 * number / total
            found.append((state, number, start, width))
            start += width
    return found
