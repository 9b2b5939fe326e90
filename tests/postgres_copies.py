"""Copies of a PostgreSQL database, one for each test; what a test only wrote into is used again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, NullPool, create_engine, text

from tests.postgres import new_database

# All of a database that is not rows: a test that changed any of it leaves nothing to use again.
_FORM = """
SELECT md5(string_agg(part, '|' ORDER BY part)) FROM (
    SELECT concat_ws(' ', nspname, relname, relkind, relacl, relowner,
        relrowsecurity, relforcerowsecurity, attname, atttypid, atttypmod,
        attnotnull, attidentity, attisdropped, pg_get_expr(adbin, adrelid)) AS part
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    JOIN pg_attribute ON attrelid = pg_class.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', tgname, tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
        WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', pg_rewrite.rulename, ev_enabled, pg_get_ruledef(pg_rewrite.oid))
        FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
        WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', polname, polrelid, polcmd) FROM pg_policy
    UNION ALL SELECT concat_ws(' ', evtname, evtenabled) FROM pg_event_trigger
    UNION ALL SELECT concat_ws(' ', extname, extversion) FROM pg_extension
    UNION ALL SELECT concat_ws(' ', typname, typtype) FROM pg_type
        WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', proname, prosrc) FROM pg_proc JOIN pg_namespace
        ON pg_namespace.oid = pronamespace WHERE nspname = 'public'
    UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_temp'
    UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting
        JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()
    UNION ALL SELECT datacl::text FROM pg_database WHERE datname = current_database()
) AS parts
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = "
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Copies:
    """Copies of the database `template`: to make and to drop one takes a second of a disk."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._made = ExitStack()
        self._free: URL | None = None
        self._as_made: _Contents | None = None

    @contextmanager
    def one(self) -> Iterator[URL]:
        """A database as the template is."""
        url = self._free or self._made.enter_context(new_database(self._template))
        self._free = None
        if self._as_made is None:
            with _connected(url) as connection:
                self._as_made = _Contents(connection)
        yield url
        with _connected(url) as connection:
            connection.execute(text(_END_OTHERS))
            if self._as_made.has_form_of(connection):
                self._as_made.put_back(connection)
                self._free = url
                return
        self.drop()

    def drop(self) -> None:
        """Drop what was made."""
        self._made.close()


class _Contents:
    """The rows of a database, and where its sequences stand."""

    def __init__(self, connection: Connection) -> None:
        self._form = connection.scalar(text(_FORM))
        tables = connection.scalars(text(f"{_TABLES}'r'")).all()
        self._rows: dict[str, list[Any]] = {
            table: [*connection.scalars(text(f'SELECT row_to_json(t)::text FROM "{table}" AS t'))]
            for table in tables
        }
        self._sequences = {
            name: connection.execute(text(f'SELECT last_value, is_called FROM "{name}"')).one()
            for name in connection.scalars(text(f"{_TABLES}'S'")).all()
        }

    def has_form_of(self, connection: Connection) -> bool:
        """Whether only rows are different there."""
        return bool(connection.scalar(text(_FORM)) == self._form)

    def put_back(self, connection: Connection) -> None:
        """Make the rows those that were there at first; no trigger keeps any from going."""
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table, rows in self._rows.items():
            connection.execute(text(f'DELETE FROM "{table}"'))  # TRUNCATE takes half a second
            columns = f'json_populate_record(NULL::"{table}", CAST(:row AS json))'
            insert = f'INSERT INTO "{table}" SELECT * FROM {columns}'
            for row in rows:
                connection.execute(text(insert), {"row": row})
        for name, (last, is_called) in self._sequences.items():
            put = text("SELECT setval(:name, :last, :is_called)")
            connection.execute(put, {"name": f'"{name}"', "last": last, "is_called": is_called})


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        yield connection
