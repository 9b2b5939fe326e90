"""Plans for sites are kept until they are applied."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "site_plan",
        sa.Column("hash", text(), nullable=False),
        sa.Column("site", text(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("run", text(), nullable=False),
        sa.Column("is_text", sa.Boolean(), nullable=False),
        sa.Column("sent", text(), nullable=False),
        sa.Column("plan", text(), nullable=False),
        sa.Column("begun_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("begun_by", text(), nullable=True),
        sa.Column("mac", text(), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_site_plan_made_at", "site_plan", ["made_at"])


def downgrade() -> None:
    op.drop_table("site_plan")
