"""An empty, prepared ledger for every test: a SQLite file, and a PostgreSQL where there is one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ledger.database.engine import connect
from ledger.session import Ledger
from tests.postgres import address_of, new_database


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


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """The address of a new database without tables."""
    with new_database() as database:
        yield address_of(database)
