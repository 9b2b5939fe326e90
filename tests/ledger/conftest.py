"""An empty, prepared ledger for every test: a SQLite file, and a PostgreSQL where there is one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from ledger.database.engine import connect
from ledger.keys.prepare import prepare
from ledger.keys.record_keys import RecordKeys
from ledger.keys.vouch import vouch
from ledger.session import Ledger
from tests.fleet.builders import NOW

LOCAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty, prepared ledger."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@contextmanager
def new_database() -> Iterator[URL]:
    """A new PostgreSQL database, dropped at the end; without a server the test is skipped."""
    given = os.environ.get("MUSTER_TEST_POSTGRES")
    url = make_url(given or LOCAL)
    name = f"muster_test_{uuid4().hex[:12]}"
    server = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        if given:
            raise
        pytest.skip("MUSTER_TEST_POSTGRES is not set, and no PostgreSQL answers at 127.0.0.1:5432")
    yield url.set(database=name)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """The address of a new database without tables."""
    with new_database() as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def prepared_postgres() -> Iterator[str]:
    with new_database() as database:
        url = database.render_as_string(hide_password=False)
        prepare(url)
        yield url


@pytest.fixture
def postgres_url(prepared_postgres: str) -> str:
    names = ", ".join(f'"{table}"' for table in SQLModel.metadata.tables)
    engine = connect(prepared_postgres)
    with engine.begin() as connection:
        for schema in inspect(connection).get_schema_names():
            if schema.startswith("replaced_"):  # what a restore has set aside
                connection.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))
        connection.execute(text("ALTER TABLE decision DISABLE TRIGGER USER"))  # it refuses this
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        connection.execute(text("ALTER TABLE decision ENABLE TRIGGER USER"))
        with Session(connection) as session:
            vouch(session, RecordKeys.load(), NOW)
    engine.dispose()
    return prepared_postgres
