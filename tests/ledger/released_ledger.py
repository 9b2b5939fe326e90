"""A ledger as a released Muster left it, loaded into an empty database."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url

import ledger
from ledger.database.engine import connect

RELEASED = Path(__file__).with_name("released")


def load_into_sqlite(url: str, version: str) -> None:
    """The dump of that release, as the file that `url` names."""
    with sqlite3.connect(str(make_url(url).database)) as file:
        file.executescript((RELEASED / f"{version}.sql").read_text())
    file.close()


def load_into_postgres(url: str, version: str, revision: str) -> None:
    """The rows of that release, in tables of its `revision`."""
    dump = sqlite3.connect(":memory:")
    dump.row_factory = sqlite3.Row
    dump.executescript((RELEASED / f"{version}.sql").read_text())
    engine = connect(url)
    with engine.begin() as connection:
        upgrade(connection, revision)
        tables = sa.MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            rows = dump.execute(f'SELECT * FROM "{table.name}"').fetchall()
            if table.name != "alembic_version" and rows:
                connection.execute(table.insert(), [_typed(table, dict(row)) for row in rows])
                _count_on(connection, table)
    engine.dispose()
    dump.close()


def row_counts(version: str, engine: sa.Engine) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows each table had that had any in that release's dump, and how many it has now."""
    dump = sqlite3.connect(":memory:")
    dump.executescript((RELEASED / f"{version}.sql").read_text())
    named = dump.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    then = {
        table: dump.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        for (table,) in named
        if table != "alembic_version"
    }
    dump.close()
    then = {table: count for table, count in then.items() if count}
    with engine.connect() as connection:
        answers = connection.scalars(sa.text("SELECT answers FROM review WHERE answers <> ''"))
        counted = {"review_answer": sum(len(json.loads(each)) for each in answers)}
        counted |= {
            table: connection.scalar(sa.text(f'SELECT count(*) FROM "{table}"'))
            for table in then.keys() - {"review_answer"}  # which are in their review since
        }
    return then, {table: counted[table] for table in then}


def upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(_alembic(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    command.downgrade(_alembic(connection), revision)


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(ledger.__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


def _count_on(connection: Connection, table: sa.Table) -> None:
    """Let new rows be numbered after those that are there."""
    if table.primary_key.columns.keys() == ["id"] and isinstance(table.c.id.type, sa.Integer):
        last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        connection.execute(
            sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(f'"{table.name}"', "id"), last))
        )


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row of SQLite, which knows neither truth nor time, as PostgreSQL wants it."""
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.Boolean):
        return bool(value)
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value
