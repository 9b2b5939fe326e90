"""When all of a plan was done: from then on it is compared again before it is applied."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    ended_at = sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
    op.add_column("site_plan", ended_at)


def downgrade() -> None:
    op.drop_column("site_plan", "ended_at")
