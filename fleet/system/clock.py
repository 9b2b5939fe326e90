"""Clocks: a system's clock beside ours, in words."""

from datetime import timedelta

MOST_SKEW = timedelta(seconds=30)  # what is less does no harm
_UNSURE = timedelta(seconds=2)  # servers send whole seconds, and a call takes its time
REMEDY = "Set both clocks by NTP"


def noticed(skew: timedelta | None) -> timedelta:
    """`skew`; none where it is unknown, or so little that the clocks may agree."""
    return timedelta() if skew is None or abs(skew) <= _UNSURE else skew


def clocks_differ(system: str, skew: timedelta) -> str:
    """Whose clock is how far from ours; "" when they agree well enough.

    "LEM's clock is 60 min ahead of ours", for a `skew` of an hour.
    """
    if abs(skew) <= MOST_SKEW:
        return ""
    side = "ahead of" if skew > timedelta() else "behind"
    return f"{system}'s clock is {_length(abs(skew))} {side} ours"


def _length(skew: timedelta) -> str:
    seconds = round(skew.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{round(seconds / length):,} {unit}"
    return f"{seconds} s"
