"""Guards: what a database may do of itself with the ledger is what Muster had it do, and no more.

A trigger, a rule or a policy of rows could undo what is written, such as the count of wrong digits.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel

from ledger.database.engine import LedgerUnusable, reading

_REFUSAL = "decisions can only be added"
_NOT_ARCHIVED = "NOT EXISTS (SELECT 1 FROM decision_archive WHERE OLD.id <= last_id)"
_SQLITE_BODY = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
_SQLITE_OURS = ("decision_no_update", "decision_no_delete", "decision_no_replace")
# Of tables that Muster made none has these words; they would let SQLite leave out what is written.
_SQLITE_WORDS = {"CONFLICT", "GENERATED", "AS", "CHECK"}
_POSTGRESQL_OURS = {
    "decision_only_grows": f"BEGIN RAISE EXCEPTION '{_REFUSAL}'; END",
    "decision_stays": f"BEGIN IF {_NOT_ARCHIVED} THEN RAISE EXCEPTION '{_REFUSAL}'; END IF; "
    "RETURN OLD; END",
}
_POSTGRESQL = text("""
    WITH ours AS (
      SELECT to_regclass(name)::oid AS oid FROM unnest(CAST(:tables AS text[])) AS name)
    SELECT 'trigger' AS kind, tgname AS name, relname AS place, prosrc AS body
      FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
     WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'rule', rulename, relname, '' FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
     WHERE ev_class IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'row security', relname, relname, '' FROM pg_class
     WHERE relrowsecurity AND oid IN (SELECT oid FROM ours)
""")


def refuse_foreign(engine: Engine) -> None:
    """Raise LedgerUnusable where the database changes of itself what Muster reads or writes."""
    with reading(engine) as session:
        found = [*foreign(session)]
    if found:
        raise LedgerUnusable(
            f"In the ledger's database there is what Muster did not put there: {'; '.join(found)}. "
            "It may change or hide what is written. Nothing is done on it. Find out who made it, "
            "and drop it"
        )


def foreign(session: Session) -> Iterator[str]:
    """What is there that Muster did not make, in words: "the trigger forget on approver"."""
    if session.get_bind().dialect.name == "postgresql":
        yield from _in_postgresql(session)
    else:
        yield from _in_sqlite(session)


def _in_sqlite(session: Session) -> Iterator[str]:
    ours = set(SQLModel.metadata.tables)
    rows = session.connection().execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))
    for kind, name, table, sql in rows:
        is_guard = name in _SQLITE_OURS and table == "decision" and sql.endswith(_SQLITE_BODY)
        if kind == "trigger" and not is_guard:
            yield f"the trigger {name} on {table}"
        elif kind == "view" and name in ours:
            yield f"the view {name}"
        elif kind == "table" and name in ours and not _is_plain(sql):
            yield f"the definition of the table {name}"


def _is_plain(sql: str) -> bool:
    has_comment = "--" in sql or "/*" in sql
    words = set(re.findall(r"\w+", sql.upper()))
    return "PRIMARY" in words and not has_comment and not _SQLITE_WORDS & words


def _in_postgresql(session: Session) -> Iterator[str]:
    tables = {"tables": [*SQLModel.metadata.tables]}
    for kind, name, table, body in session.connection().execute(_POSTGRESQL, tables):
        if kind != "trigger" or " ".join(body.split()) != _POSTGRESQL_OURS.get(name):
            yield f"the {kind} {name} on {table}"
