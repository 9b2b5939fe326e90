"""Suspicion: what makes a request that may look right not to be trusted by any rule."""

from dataclasses import dataclass
from enum import StrEnum


class SuspicionKind(StrEnum):
    """What is suspected, as a policy file and a table name it."""

    STRANGER = "stranger"
    DISPUTED = "disputed"
    CLONE = "clone"
    NEW_MACS = "new MACs"
    TOO_MANY = "too many"
    WRONG_SITE = "wrong site"
    EARLY = "early"
    EXPIRED = "expired"
    CHANGED = "changed"
    SECOND = "second request"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One reason for distrust, with its evidence in words."""

    kind: SuspicionKind
    told: str
