"""As whom each device was admitted; what was known of that is what decisions approved."""

import json
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"

TEXTS = ("admitted_key", "admitted_host_id", "admitted_macs", "admitted_id")
KEY = ("scope", "site", "name")
DEVICE = sa.table("device", *map(sa.column, (*KEY, "request_key", "mac", *TEXTS)))
DECISION = sa.table(
    "decision",
    *map(
        sa.column, ("id", "scope", "site", "device", "request_key", "decision", "how", "evidence")
    ),
)
SHADOW = "shadow"  # decided, and nothing was done


def upgrade() -> None:
    for name in TEXTS:
        column = sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        op.add_column("device", column)
    for row in _approved():
        shown = _shown(row.evidence)
        if shown is None:
            continue  # the next observation says as whom it was admitted
        device = DEVICE.update()
        for name, value in zip(KEY, row[:3], strict=True):
            device = device.where(DEVICE.c[name] == value)
        op.execute(device.values(admitted_key=row.request_key, **shown))


def downgrade() -> None:
    for name in TEXTS:
        op.drop_column("device", name)


def _approved() -> list[Any]:
    """The request by which each device asked last, and its approvals, the oldest first.

    A row that has its MAC already is left as it is: the next observation says as whom it was.
    """
    is_its = sa.and_(
        DECISION.c.scope == DEVICE.c.scope,
        DECISION.c.site == DEVICE.c.site,
        DECISION.c.device == DEVICE.c.name,
        DECISION.c.request_key == DEVICE.c.request_key,
    )
    found = sa.select(
        DEVICE.c.scope, DEVICE.c.site, DEVICE.c.name, DEVICE.c.request_key, DECISION.c.evidence
    ).join(DECISION, is_its)
    found = found.where(DECISION.c.decision == "approve", DECISION.c.how != SHADOW)
    found = found.where(DEVICE.c.mac.is_(None))
    return list(op.get_bind().execute(found.order_by(DECISION.c.id)).all())


def _shown(evidence: str) -> dict[str, str | None] | None:
    """What the request showed when it was approved; None where that cannot be read."""
    try:
        observed = json.loads(evidence)["observed"]
        host_id, macs = observed["host_id"], " ".join(sorted(observed["macs"])) or None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    is_one = host_id is None or isinstance(host_id, str)
    return {"admitted_host_id": host_id, "admitted_macs": macs} if is_one else None
