"""A device that is on a roster and not there is *missing*."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

DEVICE = sa.table("device", sa.column("state", sa.String))
NIGHT = sa.table("night", sa.column("id", sa.Integer), sa.column("facts", sa.String))


def upgrade() -> None:
    _rename("gone", "missing")


def downgrade() -> None:
    _rename("missing", "gone")


def _rename(old: str, new: str) -> None:
    connection = op.get_bind()
    op.execute(DEVICE.update().where(DEVICE.c.state == old).values(state=new))
    for id_, text in connection.execute(sa.select(NIGHT.c.id, NIGHT.c.facts)).all():
        facts = json.loads(text)
        facts["states"] = [
            [site, by, new if state == old else state, number]
            for site, by, state, number in facts["states"]
        ]
        written = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        connection.execute(NIGHT.update().where(NIGHT.c.id == id_).values(facts=written))
