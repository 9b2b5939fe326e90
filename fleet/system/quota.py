"""A quota: how many calls a system lets through in a window of time."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `calls` in any `window`, whoever makes them with the same credential."""

    calls: int
    window: timedelta

    @property
    def interval(self) -> timedelta:
        """The time that one call costs in the long run."""
        return self.window / self.calls

    def __str__(self) -> str:
        return f"{self.calls} calls in {self.window.total_seconds():g} s"
