"""The journal names actions by their codes, and no more by what people read."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

CODES = {"retry failed provisioning of": "retry", "rotate token of": "rotate"}
INTENT = sa.table("intent", sa.column("act", sa.String))


def upgrade() -> None:
    _rename(CODES)


def downgrade() -> None:
    _rename({code: word for word, code in CODES.items()})


def _rename(names: dict[str, str]) -> None:
    for old, new in names.items():
        op.execute(INTENT.update().where(INTENT.c.act == old).values(act=new))
