"""As what people must approve a device; what came of a review's answers is in the review's row.

There its MAC covers the answers. Those of reviews that have a MAC already are forgotten: what they
decided is in the record of decisions.
"""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"

TEXT = sqlmodel.sql.sqltypes.AutoString
ANSWER = sa.table(
    "review_answer",
    *map(sa.column, ("review_id", "round", "answered_by", "message", "accepted")),
    sa.column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime()),
)
REVIEW = sa.table("review", *map(sa.column, ("id", "answers", "mac")))


def upgrade() -> None:
    op.add_column("device", sa.Column("ordered_as", TEXT(), nullable=True))
    op.add_column("review", sa.Column("answers", TEXT(), nullable=True))
    for review, answers in _answers().items():
        text = json.dumps(answers, separators=(",", ":"), ensure_ascii=False)
        unkeyed = REVIEW.update().where(REVIEW.c.id == review, REVIEW.c.mac.is_(None))
        op.execute(unkeyed.values(answers=text))
    op.drop_table("review_answer")


def downgrade() -> None:
    op.create_table(
        "review_answer",
        sa.Column("review_id", TEXT(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answered_by", TEXT(), nullable=False),
        sa.Column("message", TEXT(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"]),
        sa.PrimaryKeyConstraint("review_id", "round"),
    )
    names = ("round", "answered_at", "answered_by", "message", "accepted")
    for review, text in op.get_bind().execute(sa.select(REVIEW.c.id, REVIEW.c.answers)).all():
        for answer in json.loads(text or "[]"):
            row = dict(zip(names, answer, strict=True)) | {"review_id": review}
            row["answered_at"] = datetime.fromisoformat(row["answered_at"])
            op.execute(ANSWER.insert().values(row))
    op.drop_column("review", "answers")
    op.drop_column("device", "ordered_as")


def _answers() -> dict[str, list[list[Any]]]:
    """What came of the answers to each review, in their order."""
    found: dict[str, list[list[Any]]] = defaultdict(list)
    rows = op.get_bind().execute(sa.select(ANSWER).order_by(ANSWER.c.review_id, ANSWER.c.round))
    for row in rows:
        at = row.answered_at.astimezone(UTC).isoformat()
        accepted = bool(row.accepted)
        found[row.review_id].append([row.round, at, row.answered_by, row.message, accepted])
    return found
