"""Suspicion: what makes a request that may look right not to be trusted by any rule."""

from dataclasses import dataclass
from enum import StrEnum


class SuspicionKind(StrEnum):
    """What is suspected, as a policy file and a table name it."""

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

    @classmethod
    def _missing_(cls, value: object) -> "SuspicionKind | None":
        """The kind by the word that release 0.1 wrote into evidence, which is never rewritten."""
        return cls.UNKNOWN_DEVICE if value == "stranger" else None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One reason for distrust, with its evidence in words."""

    kind: SuspicionKind
    message: str
