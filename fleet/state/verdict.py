"""A verdict: what is to become of a request, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """What is to become of a request; `LEAVE` leaves it to the system, which lets it in itself."""

    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and its reason in plain words.

    `by` names the person who decided; empty where a rule did. `would` is what a policy in shadow
    mode would have decided, had it been let.
    """

    decision: Decision
    reason: str
    by: str = ""
    would: Decision | None = None
