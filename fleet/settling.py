"""Settling: what a look says about acts whose outcome nobody was told."""

from fleet.observation import Observation
from fleet.request import Progress


def has_happened(act: str, request_key: str, observed: Observation) -> bool:
    """Whether `act` ("approve", "reject" or a retry) on a request shows in what was observed."""
    request = next((r for r in observed.requests if r.key == request_key), None)
    if request is None:
        return False
    if act == "approve":
        return request.is_let_in
    if act == "reject":
        return request.progress is Progress.REJECTED
    return request.progress is not Progress.FAILED
