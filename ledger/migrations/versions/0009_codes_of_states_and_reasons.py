"""States, and the reasons of what is held, are stored by codes and not by what people read."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

STATES = {
    "not enrolled": "not_enrolled",
    "held for a person": "held",
    "approval not shown": "approval_not_shown",
    "being provisioned": "provisioning",
    "key lost": "key_lost",
    "in service": "in_service",
    "not checked": "not_checked",
}
DEVICE = sa.table("device", sa.column("state", sa.String))
NIGHT = sa.table("night", sa.column("id", sa.Integer), sa.column("facts", sa.String))


def upgrade() -> None:
    _rename_states(STATES)


def downgrade() -> None:
    _rename_states({code: label for label, code in STATES.items()})


def _rename_states(names: dict[str, str]) -> None:
    connection = op.get_bind()
    for old, new in names.items():
        op.execute(DEVICE.update().where(DEVICE.c.state == old).values(state=new))
    for id_, text in connection.execute(sa.select(NIGHT.c.id, NIGHT.c.facts)).all():
        facts = json.loads(text)
        facts["states"] = [
            [site, by, names.get(state, state), number]
            for site, by, state, number in facts["states"]
        ]
        written = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        connection.execute(NIGHT.update().where(NIGHT.c.id == id_).values(facts=written))
