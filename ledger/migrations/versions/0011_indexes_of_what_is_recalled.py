"""Indexes by which an observation recalls no more than what counts."""

from alembic import op

revision = "0011"
down_revision = "0010"

INDEXES = {
    "ix_intent_outcome": ("intent", ["site", "outcome", "action"]),
    "ix_decision_how": ("decision", ["site", "how"]),
    "ix_decision_request_key": ("decision", ["request_key"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
