"""Decisions that were moved to a file may be deleted, and no others."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"

REFUSAL = "decisions can only be added"
NOT_ARCHIVED = "NOT EXISTS (SELECT 1 FROM decision_archive WHERE OLD.id <= last_id)"
REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
SQLITE = [
    "DROP TRIGGER decision_no_delete",
    f"CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision WHEN {NOT_ARCHIVED} {REFUSE}",
]
POSTGRESQL = [
    "DROP TRIGGER decision_only_grows ON decision",
    "CREATE TRIGGER decision_only_grows BEFORE UPDATE OR TRUNCATE ON decision "
    "FOR EACH STATEMENT EXECUTE FUNCTION decision_only_grows()",
    "CREATE FUNCTION decision_stays() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {NOT_ARCHIVED} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER decision_stays BEFORE DELETE ON decision "
    "FOR EACH ROW EXECUTE FUNCTION decision_stays()",
]
SQLITE_BACK = [
    "DROP TRIGGER decision_no_delete",
    f"CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision {REFUSE}",
]
POSTGRESQL_BACK = [
    "DROP TRIGGER decision_stays ON decision",
    "DROP FUNCTION decision_stays",
    "DROP TRIGGER decision_only_grows ON decision",
    "CREATE TRIGGER decision_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON decision "
    "FOR EACH STATEMENT EXECUTE FUNCTION decision_only_grows()",
]
FINDING = sa.table("finding", sa.column("subject", sa.String))


def upgrade() -> None:
    op.create_table(
        "decision_archive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("archived_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for statement in POSTGRESQL if _is_postgresql() else SQLITE:
        op.execute(statement)
    # Ledgers that release 0.2.0 prepared have the former name of what a night finds.
    former = FINDING.c.subject == "a stranger"
    op.execute(FINDING.update().where(former).values(subject="an unknown device"))


def downgrade() -> None:
    for statement in POSTGRESQL_BACK if _is_postgresql() else SQLITE_BACK:
        op.execute(statement)
    op.drop_table("decision_archive")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
