"""Progress: where every device of a site stands, written after each look."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from fleet.action import Hold
from fleet.assessment import Assessment
from fleet.memory import Memory
from fleet.request import Progress
from fleet.standing import Standing
from ledger.claims import Batch
from ledger.tables import DeviceRow, HoldRow


def save(
    engine: Engine, batch: Batch, assessment: Assessment, memory: Memory, now: datetime
) -> None:
    """Write every standing that differs from what is written."""
    with Session(engine) as session, session.begin():
        rows = {
            row.name: row
            for row in session.exec(select(DeviceRow).where(DeviceRow.site == batch.site))
        }
        for standing in assessment.standings:
            facts = _facts(batch, standing, memory)
            row = rows.get(standing.device.name)
            if row is None:
                session.add(DeviceRow(site=batch.site, changed_at=now, **facts))
            elif any(getattr(row, name) != value for name, value in facts.items()):
                row.sqlmodel_update(facts | {"changed_at": now})


def hold(engine: Engine, batch: Batch, holds: list[Hold], now: datetime) -> None:
    """Record requests that wait for a person; one that is recorded already stays as it is."""
    with Session(engine) as session, session.begin():
        for each in holds:
            key = (batch.site, each.request.key, each.reason)
            if session.get(HoldRow, key) is None:
                session.add(_hold_row(batch, each, now))


def _facts(batch: Batch, standing: Standing, memory: Memory) -> dict[str, Any]:
    """What there is to write of one device; a time once known is not forgotten."""
    device, request = standing.device, standing.request
    grants = memory.of(device.name).grants
    facts: dict[str, Any] = {
        "name": device.name,
        "scope": batch.scope,
        "host_id": device.host_id,
        "macs": " ".join(device.macs),
        "zero_touch": device.zero_touch,
        "state": standing.state,
        "reason": standing.reason,
        "request_key": request.key if request else None,
    }
    if grants:
        facts["enrolled_at"] = grants[-1].made_at
    if request and request.asked_at:
        facts["asked_at"] = request.asked_at
    if request and request.progress is Progress.PROVISIONED:
        facts["provisioned_at"] = max((s.at for s in request.steps if s.at), default=None)
    return facts


def _hold_row(batch: Batch, hold: Hold, now: datetime) -> HoldRow:
    return HoldRow(
        site=batch.site,
        request_key=hold.request.key,
        reason=hold.reason,
        device=hold.device.name if hold.device else None,
        hostname=hold.request.hostname,
        identity=str(hold.request.identity),
        held_at=now,
    )
