"""Policy: who may be let in by rule, and how often and how soon a failure is retried."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from fleet.device import Device
from fleet.request import Request


class Decision(StrEnum):
    """What is to become of a request."""

    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and its reason in plain words."""

    decision: Decision
    reason: str


Judge = Callable[[Device, Request, frozenset[str]], Verdict]


def exact_match(device: Device, request: Request, enrolment_ids: frozenset[str]) -> Verdict:
    """Approve a request that shows a code given to `device` and its host id or any of its MACs.

    A device whose line gives no identity has an enrolment of its own, so that its code is its
    identity. Everything else is held.
    """
    if request.enrolment_id not in enrolment_ids:
        return Verdict(Decision.HOLD, "it asks by a code that was not given to this device")
    if not device.identity:
        return Verdict(Decision.APPROVE, "it shows the code made for this device alone")
    evidence = device.identity.shares_with(request.identity)
    if not evidence:
        return Verdict(Decision.HOLD, "neither its host id nor any MAC is this device's")
    return Verdict(Decision.APPROVE, f"it shows this site's code and {' and '.join(evidence)}")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one run.

    A failed provisioning is retried `retries` times: at once, then after `retry_gap`, then after
    twice that, and so on. What was asked and not answered may still happen until `doubt` has passed
    since, and is not asked again before. An enrolment not listed is believed gone after `grace`.
    """

    judge: Judge = exact_match
    retries: int = 3
    retry_gap: timedelta = timedelta(seconds=5)
    doubt: timedelta = timedelta(seconds=60)
    grace: timedelta = timedelta(minutes=5)
