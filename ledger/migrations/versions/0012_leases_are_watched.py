"""A run counts its renewals, so that a rival can watch them without any time of day."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column(
        "connection_run",
        sa.Column("lease_seconds", sa.Float(), server_default=sa.text("15"), nullable=False),
    )
    op.add_column(
        "connection_run",
        sa.Column("renewals", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("connection_run", "renewals")
    op.drop_column("connection_run", "lease_seconds")
