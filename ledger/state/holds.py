"""Holds: requests that wait for a person, and since when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, exists, func, or_, select
from sqlmodel import col

from fleet.action.action import Hold
from fleet.nightly.catalog import FindingKind
from ledger.database.engine import changed, insert_new, reading, writing
from ledger.database.tables import FindingRow, HoldRow
from ledger.state.claims import Claim


class Holds:
    """Requests that wait for a person, such as request 12 of plant-7."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hold(self, claim: Claim, holds: Sequence[Hold], now: datetime) -> None:
        """Record requests that wait for a person; of each and each code, the first stays."""
        # In one order for everybody: two runs that each wait for the other's row would never end.
        in_order = sorted(holds, key=lambda each: (each.request.key, each.code))
        if rows := [_row(claim, each, now) for each in in_order]:
            with writing(self._engine) as session:
                session.execute(insert_new(self._engine, HoldRow), rows)

    def prune(self, before: datetime) -> int:
        """Delete what was held before that instant, unless nights still find it; how many."""
        number = func.substr(col(FindingRow.subject), 2)  # the finding is about #12 or a device
        still_found = exists().where(
            col(FindingRow.site) == col(HoldRow.site),
            col(FindingRow.kind) == FindingKind.HELD.value,
            col(FindingRow.ended_at).is_(None),
            or_(
                col(FindingRow.device) == col(HoldRow.device),
                col(HoldRow.request_key).like(number + "/%"),
            ),
        )
        old = delete(HoldRow).where(col(HoldRow.held_at) < before, ~still_found)
        with writing(self._engine) as session:
            return changed(session, old)

    def held_since(self, claim: Claim) -> dict[str, datetime]:
        """Since when each request of the claim's site is held, by its key."""
        first = select(col(HoldRow.request_key), func.min(col(HoldRow.held_at))).where(
            col(HoldRow.site) == claim.site, col(HoldRow.scope) == claim.scope
        )
        with reading(self._engine) as session:
            rows = session.execute(first.group_by(col(HoldRow.request_key)))
            return {row[0]: row[1] for row in rows}


def _row(claim: Claim, hold: Hold, now: datetime) -> dict[str, Any]:
    return {
        "scope": claim.scope,
        "site": claim.site,
        "request_key": hold.request.key,
        "code": hold.code.value,
        "reason": hold.reason,
        "device": hold.device.name if hold.device else None,
        "hostname": hold.request.hostname,
        "identity": str(hold.request.identity),
        "held_at": now,
    }
