"""When an enrollment was asked for without an answer, before it was asked for again."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    column = sa.Column("lost_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
    op.add_column("enrollment", column)


def downgrade() -> None:
    op.drop_column("enrollment", "lost_at")
