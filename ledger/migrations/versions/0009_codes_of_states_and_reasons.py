"""States, and the reasons of what is held, are stored by codes and not by what people read."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"

STATES = {
    "not enrolled": "not_enrolled",
    "held for a person": "held",
    "approval not shown": "approval_not_shown",
    "being provisioned": "provisioning",
    "key lost": "key_lost",
    "in service": "in_service",
    "not checked": "not_checked",
}
# How sentences of released versions begin; those of all others stay readable as "unknown".
BEGINNINGS = {
    "it shows this site's code but is no device of its roster": "unknown_device",
    "it shows the identity of ": "disputed",
    "it asks by a code that was not given to this device": "other_code",
    "neither its host id nor any MAC is this device's": "other_identity",
    "several machines ask in this device's name": "several_machines",
    "the device already asked as request ": "second_request",
    "a person decides here; ": "person_decides",
    "in shadow mode, where nothing is done: policy would approve it": "would_approve",
    "in shadow mode, where nothing is done: policy would reject it": "would_reject",
}
UNKNOWN = "unknown"
RULE = "; rule "  # a rule spoke beside what the evidence says
DEVICE = sa.table("device", sa.column("state", sa.String))
FINDING = sa.table("finding", sa.column("subject", sa.String))
SUBJECT = "a stranger", "an unknown device"  # of a finding on calls about unknown devices
NIGHT = sa.table("night", sa.column("id", sa.Integer), sa.column("facts", sa.String))
ROW = ("scope", "site", "request_key", "reason", "device", "hostname", "identity", "held_at")


def upgrade() -> None:
    _rename_states(STATES)
    _rename_subject(*SUBJECT)
    rows = _take_holds()
    _make_holds("code")
    _put_holds([row | {"code": code} for code, row in _by_code(rows)], with_code=True)
    op.add_column(
        "review_item",
        sa.Column(
            "code",
            sqlmodel.sql.sqltypes.AutoString(),
            server_default=sa.text(f"'{UNKNOWN}'"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("review_item", "code")
    rows = _take_holds()
    _make_holds("reason")
    first: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in rows:
        first.setdefault(tuple(row[name] for name in ROW[:4]), row)
    _put_holds(list(first.values()), with_code=False)
    _rename_states({code: label for label, code in STATES.items()})
    _rename_subject(*reversed(SUBJECT))


def _rename_states(names: Mapping[str, str]) -> None:
    connection = op.get_bind()
    for old, new in names.items():
        op.execute(DEVICE.update().where(DEVICE.c.state == old).values(state=new))
    for id_, text in connection.execute(sa.select(NIGHT.c.id, NIGHT.c.facts)).all():
        facts = json.loads(text)
        facts["states"] = [
            [site, by, names.get(state, state), number]
            for site, by, state, number in facts["states"]
        ]
        written = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        connection.execute(NIGHT.update().where(NIGHT.c.id == id_).values(facts=written))


def _by_code(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """One row for each request and code: the newest sentence, held since the first."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:  # the oldest first
        key = (row["scope"], row["site"], row["request_key"], _code(row["reason"]))
        since = found[key]["held_at"] if key in found else row["held_at"]
        found[key] = row | {"held_at": since}
    return [(key[3], row) for key, row in found.items()]


def _code(reason: str) -> str:
    """The code of a sentence of a released version."""
    if RULE in reason:
        return UNKNOWN
    return next((code for text, code in BEGINNINGS.items() if reason.startswith(text)), UNKNOWN)


def _take_holds() -> list[dict[str, Any]]:
    """Every row, the oldest first; the table is empty and gone after that."""
    table = _table()
    rows = op.get_bind().execute(sa.select(table).order_by(table.c.held_at)).mappings()
    taken = [dict(row) for row in rows]
    op.drop_table("hold")
    return taken


def _make_holds(key: str) -> None:
    texts = ["scope", "site", "request_key", "reason", "hostname", "identity"]
    texts += ["code"] if key == "code" else []
    op.create_table(
        "hold",
        *(sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=False) for name in texts),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("held_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "site", "request_key", key),
    )


def _put_holds(rows: list[dict[str, Any]], *, with_code: bool) -> None:
    if rows:
        op.bulk_insert(_table("code") if with_code else _table(), rows)


def _table(*more: str) -> sa.TableClause:
    types = {"held_at": sqlmodel.sql.sqltypes.UTCDateTime()}
    columns = (sa.column(name, types.get(name, sa.String())) for name in (*ROW, *more))
    return sa.table("hold", *columns)


def _rename_subject(old: str, new: str) -> None:
    op.execute(FINDING.update().where(FINDING.c.subject == old).values(subject=new))
