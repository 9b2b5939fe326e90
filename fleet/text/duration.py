"""A duration as people write it in a file: 30m, 12h, 3d."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

PATTERN = r"^(0|[1-9][0-9]{0,4}[mhd])$"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def read(text: str) -> timedelta:
    """`text` as a duration, such as "12h"; ValueError when it is not one."""
    if not re.fullmatch(PATTERN, text.strip()):
        raise ValueError("a duration is a number and a unit, such as 30m, 12h or 3d")
    number = text.strip()
    return timedelta() if number == "0" else timedelta(**{_UNITS[number[-1]]: int(number[:-1])})


def written(duration: timedelta) -> str:
    """`duration` in the largest unit that shows it exactly: 90 minutes are "90m"."""
    minutes = round(duration.total_seconds() / 60)
    if minutes and minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    if minutes and minutes % 60 == 0:
        return f"{minutes // 60}h"
    return f"{minutes}m" if minutes else "0"


def _read(value: Any) -> Any:
    return value if isinstance(value, timedelta) else read(str(value))


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(written),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": PATTERN}, {"const": 0}]}),
]
