"""What people chose columns of a site's rosters to be is remembered for its next run."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "site_columns",
        sa.Column("site", text(), nullable=False),
        sa.Column("columns", text(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("run", text(), nullable=False),
        sa.Column("mac", text(), nullable=True),
        sa.PrimaryKeyConstraint("site"),
    )


def downgrade() -> None:
    op.drop_table("site_columns")
