"""What is acted upon carries a MAC; of a decision nothing else can change.

The MACs of rows that are there are made when the ledger is prepared, with its key.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"

KEYED = ("decision", "decision_archive", "device", "review", "review_item")
REFUSAL = "decisions can only be added"
COLUMNS = (
    "id, decided_at, decided_by, how, decision, reason, scope, site, device, request_key, "
    "fingerprint, evidence, evidence_hash, policy, policy_version, quorum, review_id, "
    "previous_hash, hash"
)
REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"


def upgrade() -> None:
    op.create_table(
        "keyed_fact",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("facts", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mac", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    for table in KEYED:
        op.add_column(table, sa.Column("mac", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    _refuse_updates(f"UPDATE OF {COLUMNS}")


def downgrade() -> None:
    _refuse_updates("UPDATE")
    for table in KEYED:
        op.drop_column(table, "mac")
    op.drop_table("keyed_fact")


def _refuse_updates(event: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER decision_only_grows ON decision")
        op.execute(
            f"CREATE TRIGGER decision_only_grows BEFORE {event} OR TRUNCATE ON decision "
            "FOR EACH STATEMENT EXECUTE FUNCTION decision_only_grows()"
        )
    else:
        op.execute("DROP TRIGGER decision_no_update")
        op.execute(f"CREATE TRIGGER decision_no_update BEFORE {event} ON decision {REFUSE}")
