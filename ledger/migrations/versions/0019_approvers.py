"""Approvers have authenticator apps; decisions and reviews say who was proved."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"

REFUSAL = "decisions can only be added"
COLUMNS = (
    "id, decided_at, decided_by, how, decision, reason, scope, site, device, request_key, "
    "fingerprint, evidence, evidence_hash, policy, policy_version, quorum, review_id, "
    "previous_hash, hash"
)
REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "approver",
        sa.Column("id", TEXT(), nullable=False),
        sa.Column("sealed", TEXT(), nullable=False),
        sa.Column("key_id", TEXT(), nullable=False),
        sa.Column("used_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("mac", TEXT(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("decision", sa.Column("proof", TEXT(), nullable=True))
    _refuse_updates(f"{COLUMNS}, proof")
    op.add_column("review", sa.Column("requester_proof", TEXT(), nullable=True))


def downgrade() -> None:
    op.drop_column("review", "requester_proof")
    _refuse_updates(COLUMNS)
    op.drop_column("decision", "proof")
    op.drop_table("approver")


def _refuse_updates(columns: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER decision_only_grows ON decision")
        op.execute(
            f"CREATE TRIGGER decision_only_grows BEFORE UPDATE OF {columns} OR TRUNCATE "
            "ON decision FOR EACH STATEMENT EXECUTE FUNCTION decision_only_grows()"
        )
    else:
        op.execute("DROP TRIGGER decision_no_update")
        op.execute(
            f"CREATE TRIGGER decision_no_update BEFORE UPDATE OF {columns} ON decision {REFUSE}"
        )
