"""A verdict: what is decided about a request, and why."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.state.reason_code import ReasonCode


class Decision(StrEnum):
    """What is decided about a request; `LEAVE` leaves it to its system, which admits it itself."""

    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, and its reason as a code and in plain words.

    `by` names the person who decided; empty where a rule did. `would` is what a policy in shadow
    mode would have decided.
    """

    decision: Decision
    code: ReasonCode
    reason: str
    by: str = ""
    would: Decision | None = None
