"""Templates that escape what they show, and the parts of a bar."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.page.wording import brief, clock, counted


def environment(filters: Mapping[str, Callable[..., Any]], names: Mapping[str, Any]) -> Environment:
    """The templates of all reports, with these filters and names beside the common ones."""
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
    """Each state, its number, and the start and the width of its part of a bar, in percent."""
    found, start, total = [], 0.0, sum(counts.values())
    for state, number in counts.items():
        if number:
            width = 100 * number / total
            found.append((state, number, start, width))
            start += width
    return found
