"""Progress: where every device of a site stands, written after each look."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, insert, select, update
from sqlmodel import Session, col

from fleet.action import Hold
from fleet.planning.assess import Assessment
from fleet.request import Progress
from fleet.standing import Standing
from ledger.claims import Batch
from ledger.engine import insert_new, reading
from ledger.tables import DeviceRow, HoldRow

_FACTS = (
    "name",
    "host_id",
    "macs",
    "zero_touch",
    "state",
    "reason",
    "request_key",
    "asked_at",
    "provisioned_at",
)


def save(engine: Engine, batch: Batch, assessment: Assessment, now: datetime) -> None:
    """Write every standing that differs from what is written."""
    key = {"scope": batch.scope, "site": batch.site}
    columns = [col(getattr(DeviceRow, name)) for name in _FACTS]
    with Session(engine) as session, session.begin():
        mine = select(*columns).where(
            col(DeviceRow.site) == batch.site, col(DeviceRow.scope) == batch.scope
        )
        written = {row["name"]: dict(row) for row in session.execute(mine).mappings()}
        facts = [_facts(s, written.get(s.device.name, {})) for s in assessment.standings]
        rows = [key | f | {"changed_at": now} for f in facts if f != written.get(f["name"])]
        new = [row for row in rows if row["name"] not in written]
        if new:
            session.execute(insert(DeviceRow), new)
        if len(rows) > len(new):
            session.execute(update(DeviceRow), [row for row in rows if row["name"] in written])


def hold(engine: Engine, batch: Batch, holds: list[Hold], now: datetime) -> None:
    """Record requests that wait for a person; one that is recorded already stays as it is."""
    # In one order for everybody: two runs that each wait for the other's row would never end.
    in_order = sorted(holds, key=lambda each: (each.request.key, each.reason))
    if rows := [_hold_row(batch, each, now) for each in in_order]:
        with Session(engine) as session, session.begin():
            session.execute(insert_new(engine, HoldRow), rows)


def held_since(engine: Engine, batch: Batch) -> dict[str, datetime]:
    """Since when each request of the batch's site is held, by its key."""
    first = select(col(HoldRow.request_key), func.min(col(HoldRow.held_at))).where(
        col(HoldRow.site) == batch.site, col(HoldRow.scope) == batch.scope
    )
    with reading(engine) as session:
        rows = session.execute(first.group_by(col(HoldRow.request_key)))
        return {row[0]: row[1] for row in rows}


def _facts(standing: Standing, written: dict[str, Any]) -> dict[str, Any]:
    """What there is to write of one device; a time once known is not forgotten."""
    device, request = standing.device, standing.request
    times = [step.at for step in request.steps if step.at] if request else []
    is_provisioned = request is not None and request.progress is Progress.PROVISIONED
    provisioned_at = max(times, default=None) if is_provisioned else None
    return {
        "name": device.name,
        "host_id": device.host_id,
        "macs": " ".join(device.macs),
        "zero_touch": device.zero_touch,
        "state": standing.state.value,
        "reason": standing.reason,
        "request_key": request.key if request else None,
        "asked_at": (request.asked_at if request else None) or written.get("asked_at"),
        "provisioned_at": provisioned_at or written.get("provisioned_at"),
    }


def _hold_row(batch: Batch, hold: Hold, now: datetime) -> dict[str, Any]:
    return {
        "scope": batch.scope,
        "site": batch.site,
        "request_key": hold.request.key,
        "reason": hold.reason,
        "device": hold.device.name if hold.device else None,
        "hostname": hold.request.hostname,
        "identity": str(hold.request.identity),
        "held_at": now,
    }
