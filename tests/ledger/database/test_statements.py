"""What SQLAlchemy compiled is kept for all engines of one kind of database, and for no other."""

import shutil

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.database.engine import connect, reading
from ledger.database.statements import STATEMENTS, Statements
from ledger.database.tables import ClaimRow


@pytest.fixture
def another_url(sqlite_url, tmp_path):
    """Another ledger."""
    file = sqlite_url.removeprefix("sqlite:///")
    return f"sqlite:///{shutil.copy(file, tmp_path / 'another.db')}"


def ask(url):
    engine = connect(url)
    with reading(engine) as session:
        found = session.exec(select(ClaimRow.key).where(ClaimRow.device == "edge-042")).all()
    engine.dispose()
    return found


def test_an_engine_compiles_nothing_that_another_has_compiled(sqlite_url, another_url):
    STATEMENTS.clear()

    assert ask(sqlite_url) == []
    compiled = len(STATEMENTS)
    assert ask(another_url) == []

    assert (compiled, len(STATEMENTS)) == (1, 1)


def test_another_kind_of_database_or_another_version_of_its_server_shares_nothing():
    statements, dialects = Statements(10), [sqlite.dialect(), postgresql.dialect()]
    for version in ((15, 4), (16, 1)):
        for dialect in dialects:
            dialect.server_version_info = version
            statements[dialect, "SELECT 1"] = f"{dialect.name} {version}"
            assert statements.get((dialect, "SELECT 1")) == f"{dialect.name} {version}"

    assert len(statements) == 4
    assert statements.get((postgresql.dialect(), "SELECT 1")) is None
