"""The PostgreSQL that tests use, where there is one, and which tests of a ledger run on it too."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4
from zlib import crc32

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

LOCAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
IS_WHOLE = os.environ.get("MUSTER_TEST_ON_POSTGRES") == "whole"
ONE_IN = 10  # tests of a ledger is run on PostgreSQL too, where not all are


def is_drawn(test: str) -> bool:
    """Whether a test is one of the share: the same ones each time, wherever others are added."""
    return IS_WHOLE or crc32(test.encode()) % ONE_IN == 0


@contextmanager
def new_database(template: str = "template1") -> Iterator[URL]:
    """A new database like `template`, dropped at the end; without a server the test is skipped."""
    given = os.environ.get("MUSTER_TEST_POSTGRES")
    url = make_url(given or LOCAL)
    name = f"muster_test_{uuid4().hex[:12]}"
    server = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    except OperationalError:
        if given:
            raise
        pytest.skip("MUSTER_TEST_POSTGRES is not set, and no PostgreSQL answers at 127.0.0.1:5432")
    try:
        yield url.set(database=name)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def address_of(database: URL) -> str:
    """Its address, password included."""
    return database.render_as_string(hide_password=False)
