"""Which key seals; and rotations that were not answered are unknown again: nothing proved them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"

INTENT = sa.table("intent", *map(sa.column, ("action", "outcome", "detail", "resolved_at")))
NOT_ANSWERED = "not answered, and did not happen"


def upgrade() -> None:
    op.create_table(
        "sealing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    assumed = INTENT.c.action == "rotate", INTENT.c.detail == NOT_ANSWERED
    op.execute(INTENT.update().where(*assumed).values(outcome=None, resolved_at=None))


def downgrade() -> None:
    op.drop_table("sealing_key")
