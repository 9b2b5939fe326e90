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
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        return f"{calls} in {self.window.total_seconds():g} s"


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls that a quota's present window has seen: ours, and those of other runs."""

    own: int = 0
    others: int = 0
