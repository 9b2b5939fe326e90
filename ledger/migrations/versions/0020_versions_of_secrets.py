"""Secrets are numbered and keyed, so that it shows when one is gone or was changed.

Those that are there get their numbers and MACs when the ledger is prepared, with its key.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("secret", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("secret", sa.Column("mac", sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    op.drop_column("secret", "mac")
    op.drop_column("secret", "version")
