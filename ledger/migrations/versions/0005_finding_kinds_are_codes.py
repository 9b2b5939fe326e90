"""Findings are stored by the code of their kind, and no more by what people read."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

CODES = {
    "pending too long": "pending",
    "approved, never confirmed": "stuck",
    "enrolment ended": "enrollment_ended",
    "in service, on no roster": "unlisted",
    "on the roster, gone": "missing",
    "wrong site": "wrong_site",
    "retired here, alive there": "retired_in_service",
    "retired, and a code could revive it": "revivable",
    "key lost": "key_lost",
    "held too long": "held",
    "list cut off": "truncated",
    "outcome unknown": "unknown",
}
FINDING = sa.table("finding", sa.column("kind", sa.String))
NIGHT = sa.table("night", sa.column("id", sa.Integer), sa.column("facts", sa.String))


def upgrade() -> None:
    _rename(CODES)


def downgrade() -> None:
    _rename({code: label for label, code in CODES.items()})


def _rename(names: dict[str, str]) -> None:
    connection = op.get_bind()
    for old, new in names.items():
        op.execute(FINDING.update().where(FINDING.c.kind == old).values(kind=new))
    for id_, text in connection.execute(sa.select(NIGHT.c.id, NIGHT.c.facts)).all():
        facts = json.loads(text)
        facts["kinds"] = {names.get(kind, kind): n for kind, n in facts["kinds"].items()}
        written = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        connection.execute(NIGHT.update().where(NIGHT.c.id == id_).values(facts=written))
