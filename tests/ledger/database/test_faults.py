"""What a fault of the ledger's database is called: a sentence with its remedy, and no SQL."""

import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ledger.database.engine import LedgerUnusable, check_prepared, connect, writing
from ledger.database.faults import fault_of
from ledger.database.tables import ConnectionRunRow
from tests.fleet.builders import NOW

ROW = ConnectionRunRow(
    id="r", site="plant-7", scope="s", name="run 1", started_at=NOW, lease_until=NOW
)


def write(engine, statements):
    with writing(engine) as session:
        for statement in statements:
            session.execute(text(statement))
        session.add(ConnectionRunRow(**ROW.model_dump()))


def fault(url, *statements):
    """The fault when `statements` are executed at `url`, and then a row is written there."""
    engine = connect(url)
    try:
        with pytest.raises(LedgerUnusable) as error:
            write(engine, statements)
    finally:
        engine.dispose()
    cause = error.value.__cause__
    assert isinstance(cause, SQLAlchemyError)
    found, message = fault_of(cause), str(error.value)
    leaked = [word for word in ("INSERT", "[SQL", "sqlite3", "psycopg") if word in message]
    assert (len(message.splitlines()), leaked) == (1, [])
    assert message.endswith(str(found))
    return found


def test_a_full_disk(sqlite_url):
    big = "CREATE TABLE big AS SELECT zeroblob(9999999)"

    found = fault(sqlite_url, "PRAGMA max_page_count = 1", big)

    assert str(found) == "the disk that it is on is full. Make room there."


def test_a_file_that_may_only_be_read(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = sqlite_url.removeprefix("sqlite:///")

    assert fault(f"sqlite:///file:{file}?mode=ro&uri=true").problem == "it can only be read"
    assert not list(tmp_path.glob("file:*"))


def test_a_file_that_another_program_keeps_locked(sqlite_url):
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    found = fault(f"{sqlite_url}?timeout=0")
    other.close()

    assert found.problem == "another program kept it locked for too long"


def test_tables_that_are_not_there(sqlite_url):
    found = fault(sqlite_url, "DROP TABLE connection_run")

    assert found.problem == "its file or its tables are gone"


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "ledger.db").mkdir()

    assert fault(f"sqlite:///{tmp_path}/ledger.db").problem == "its file or its tables are gone"


def test_a_file_that_is_none(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_text("device,host_id,mac,zero_touch\n" * 100)

    assert fault(f"sqlite:///{file}").problem == "its file is damaged, or is no ledger"


def test_a_server_that_nobody_reaches_is_named_without_its_password():
    url = "postgresql+psycopg://muster:s3cret@127.0.0.1:1/ledger?connect_timeout=2"

    found = fault(url)

    assert found.problem.startswith("no connection to its database (connection failed: ")
    assert "MUSTER_LEDGER_URL" in found.remedy
    assert "s3cret" not in str(found)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("SET TRANSACTION READ ONLY", "it can only be read"),
        ("DROP TABLE connection_run CASCADE", "its file or its tables are gone"),
        ("SET LOCAL ROLE pg_monitor", "its database refuses this user"),
        (
            "SELECT pg_terminate_backend(pg_backend_pid())",
            "its database is being stopped or started",
        ),
        (
            "SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)",
            "another program kept it locked for too long",
        ),
    ],
)
def test_each_fault_of_a_postgresql_has_its_sentence(postgres_url, statement, problem):
    assert fault(postgres_url, statement).problem == problem


def test_what_is_known_nowhere_is_shown_in_the_database_s_own_words(sqlite_url):
    found = fault(sqlite_url, "SELECT no_such_function()")

    assert found.problem == "its database says: no such function: no_such_function"


def test_a_ledger_that_cannot_be_opened_says_all_of_it(tmp_path):
    (tmp_path / "ledger.db").mkdir()
    engine = connect(f"sqlite:///{tmp_path}/ledger.db")

    with pytest.raises(LedgerUnusable) as refusal:
        check_prepared(engine)

    assert str(refusal.value) == (
        "The ledger cannot be opened: its file or its tables are gone. "
        "Correct MUSTER_LEDGER_URL, move them back, or restore a backup."
    )
