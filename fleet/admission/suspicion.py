"""Suspicion: why no rule approves a request, even one that shows the right code and identity."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.state.reason_code import ReasonCode


class SuspicionKind(StrEnum):
    """What is suspected, in the words of policy files and tables."""

    UNKNOWN_DEVICE = "unknown device"
    DISPUTED = "disputed"
    CLONE = "clone"
    NEW_MACS = "new MACs"
    TOO_MANY = "too many"
    WRONG_SITE = "wrong site"
    EARLY = "early"
    EXPIRED = "expired"
    CHANGED = "changed"
    SECOND = "second request"
    BY_PEOPLE = "ordered by people"

    @property
    def code(self) -> ReasonCode:
        """The reason of what is held for it."""
        return ReasonCode[self.name]


# What release 0.1 called a kind: its evidence is still read, in a policy file it is refused.
FORMER = {"stranger": SuspicionKind.UNKNOWN_DEVICE}


def recorded_kind(word: str) -> SuspicionKind:
    """The kind that evidence names, in the words of any release."""
    return FORMER.get(word) or SuspicionKind(word)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One suspicion, with its reason in words."""

    kind: SuspicionKind
    message: str
