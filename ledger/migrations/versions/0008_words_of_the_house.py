"""Tables and columns have the words of the house: runs, enrollments, actions, messages."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = {
    "batch": "connection_run",
    "grant": "enrollment",
    "device_grant": "device_enrollment",
}
COLUMNS = [  # of tables by their new names
    ("claim", "mark", "key"),
    ("claim", "batch_id", "run_id"),
    ("intent", "batch_id", "run_id"),
    ("intent", "act", "action"),
    ("intent", "settled_at", "resolved_at"),
    ("secret", "batch_id", "run_id"),
    ("secret", "enrolment_id", "enrollment_id"),
    ("enrollment", "enrolment_id", "enrollment_id"),
    ("device_enrollment", "grant_id", "enrollment_number"),
    ("review_answer", "told", "message"),
    ("finding", "acts", "actions"),
    ("finding", "last_act_at", "last_action_at"),
    ("finding", "told_at", "reported_at"),
    ("device", "is_by_hand", "is_by_people"),
]
FACTS = {"acts": "actions", "needs_hand": "needs_attention"}  # keys of a night's facts
NIGHT = sa.table("night", sa.column("id", sa.Integer), sa.column("facts", sa.String))
INDEXES = [  # old name, table and column as they were; new name, table and column
    (("ix_batch_site", "batch", "site"), ("ix_connection_run_site", "connection_run", "site")),
    (("ix_claim_batch_id", "claim", "batch_id"), ("ix_claim_run_id", "claim", "run_id")),
    (("ix_intent_batch_id", "intent", "batch_id"), ("ix_intent_run_id", "intent", "run_id")),
    (("ix_secret_batch_id", "secret", "batch_id"), ("ix_secret_run_id", "secret", "run_id")),
    (("ix_grant_site", "grant", "site"), ("ix_enrollment_site", "enrollment", "site")),
    (
        ("ix_grant_enrolment_id", "grant", "enrolment_id"),
        ("ix_enrollment_enrollment_id", "enrollment", "enrollment_id"),
    ),
]


def upgrade() -> None:
    for (name, table, _), _new in INDEXES:
        op.drop_index(name, table_name=table)
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table, old, new in COLUMNS:
        _rename_column(table, old, new)
    for _old, (name, table, column) in INDEXES:
        op.create_index(name, table, [column])
    _rename_facts(FACTS)


def downgrade() -> None:
    _rename_facts({new: old for old, new in FACTS.items()})
    for _old, (name, table, _) in INDEXES:
        op.drop_index(name, table_name=table)
    for table, old, new in COLUMNS:
        _rename_column(table, new, old)
    for old, new in TABLES.items():
        op.rename_table(new, old)
    for (name, table, column), _new in INDEXES:
        op.create_index(name, table, [column])


def _rename_column(table: str, old: str, new: str) -> None:
    # Alembic's own way copies the whole table in SQLite, which its foreign keys forbid.
    op.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{old}" TO "{new}"')


def _rename_facts(names: dict[str, str]) -> None:
    connection = op.get_bind()
    for id_, text in connection.execute(sa.select(NIGHT.c.id, NIGHT.c.facts)).all():
        facts = {names.get(key, key): value for key, value in json.loads(text).items()}
        written = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        connection.execute(NIGHT.update().where(NIGHT.c.id == id_).values(facts=written))
