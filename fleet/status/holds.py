"""Holds: a device's requests that wait for a person, and those beside the one that counts."""

from dataclasses import replace

from fleet.action.action import Hold, Reject
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.request import Request
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from fleet.status.case import Case
from fleet.status.status import DeviceStatus

NO_REVIEW = "No review can decide it: do what the reason says."


def held(case: Case, requests: list[tuple[Request, Verdict]]) -> DeviceStatus:
    """Held for a person with all of `requests`, for the reason of the newest."""
    holds = tuple(case.hold(request, verdict) for request, verdict in requests)
    newest, verdict = requests[-1]
    return replace(case.status(State.HELD, verdict.code, verdict.reason, newest), holds=holds)


def held_for(case: Case, request: Request, code: ReasonCode, reason: str) -> DeviceStatus:
    """Held for a person, by that one request and for that reason."""
    return held(case, [(request, Verdict(Decision.HOLD, code, reason))])


def deactivated(case: Case, request: Request) -> DeviceStatus:
    """Held for a person, because its system took the device out of service."""
    reason = request.message or "deactivated in its system; a person must say what is wanted"
    return held_for(case, request, ReasonCode.DEACTIVATED, reason)


def with_others(
    case: Case, status: DeviceStatus, others: list[Request], by: Request
) -> DeviceStatus:
    """`status`, with the device's other requests held, or rejected where that was decided.

    `by` is the request that counts: edge-042 asks as 9 and again as 10, and 10 is held.
    """
    holds: list[Hold] = []
    for request in others:
        found = case.verdict(request) if request.key in case.evidence else None
        if found and found.decision is Decision.REJECT:
            if status.action is None and not case.remembered.was_decided(request.key):
                status = replace(status, action=rejection(case, request, found))
            continue
        holds.append(_second(case, request, by))
    return replace(status, holds=(*status.holds, *holds))


def rejection(case: Case, request: Request, verdict: Verdict) -> Reject:
    """The action; with its evidence, unless that was recorded when a person decided."""
    evidence = None if verdict.by else case.evidence.get(request.key)
    return Reject(case.device, request, verdict.reason, evidence)


def _second(case: Case, request: Request, by: Request) -> Hold:
    """A request beside one that was approved, or is to be."""
    reason = f"the device already asked as request {by.id}"
    evidence = case.evidence.get(request.key)
    if evidence:
        suspicions = (*evidence.suspicions, Suspicion(SuspicionKind.SECOND, reason))
        evidence = replace(evidence, suspicions=suspicions)
    return Hold(request, ReasonCode.SECOND, reason, case.device, evidence)
