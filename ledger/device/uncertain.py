"""Uncertain keys: those that a newer one may have replaced, which no system shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fleet.device.secret import REPLACEABLE
from fleet.state.action_kind import ActionKind
from ledger.database.tables import ConnectionRunRow, IntentRow, SecretRow
from ledger.device.restorations import restored_at
from ledger.state.journal import Outcome

RESTORED = "the ledger was restored since from an older backup"
UNANSWERED = "its rotation was not answered"
LOST = "it was rotated, and the new one was lost"


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What makes a site's keys uncertain.

    `restored` is when the ledger was restored last; `rotations` are the last ones from which no key
    came, by (scope, device): when they were intended, and why.
    """

    restored: datetime | None
    rotations: Mapping[tuple[str, str], tuple[datetime, str]]

    @classmethod
    def of(cls, session: Session, site: str) -> "Uncertain":
        """Read it."""
        rotations: dict[tuple[str, str], tuple[datetime, str]] = {}
        outcome = col(IntentRow.outcome)
        # Two questions, for one with an "or" would read every intent of the site.
        for which, why in ((outcome.is_(None), UNANSWERED), (outcome == Outcome.KEY_LOST, LOST)):
            rows = session.exec(
                select(ConnectionRunRow.scope, IntentRow.device, IntentRow.intended_at)
                .join(IntentRow)
                .where(IntentRow.site == site, IntentRow.action == ActionKind.ROTATE, which)
            )
            for scope, device, at in rows:
                last = rotations.get((scope, device), (at, why))
                rotations[scope, device] = max(last, (at, why))
        return cls(restored_at(session), rotations)

    def why(self, row: SecretRow) -> str:
        """Why a newer key may have replaced that one; "" when none may."""
        if row.kind not in REPLACEABLE:
            return ""
        if self.restored and row.received_at <= self.restored:
            return RESTORED
        at, why = self.rotations.get((row.scope, row.device or ""), (None, ""))
        return why if at and row.received_at <= at else ""
