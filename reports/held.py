"""Held requests: who waits at the door for a person's answer, one row each."""

import pandas as pd

from fleet.action import Hold
from reports.onboarding import OnboardingFacts
from reports.wording import legible

TEXTS = ("request", "device", "hostname", "host_id", "mac", "reason")
COLUMNS = (*TEXTS, "asked_at")


def held_frame(facts: OnboardingFacts) -> pd.DataFrame:
    """One row per held request; `device` is empty for one that was taken for no device."""
    holds = facts.assessment.holds if facts.assessment else ()
    frame = pd.DataFrame([_row(hold) for hold in holds], columns=list(COLUMNS), dtype=object)
    for column in TEXTS:
        frame[column] = frame[column].map(legible).astype("str")
    asked_at = pd.to_datetime(frame["asked_at"], utc=True).astype("datetime64[us, UTC]")
    return frame.assign(asked_at=asked_at)


def _row(hold: Hold) -> dict[str, object]:
    request = hold.request
    return {
        "request": request.id,
        "device": hold.device.name if hold.device else "",
        "hostname": request.hostname,
        "host_id": request.identity.host_id,
        "mac": " ".join(sorted(request.identity.macs)),
        "reason": hold.reason,
        "asked_at": request.asked_at,
    }
