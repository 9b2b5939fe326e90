"""Preparing and opening a ledger, and every way in which one cannot be used."""

import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import run
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from ledger.database.engine import LedgerUnusable, check_prepared, connect, reading
from ledger.database.tables import ConnectionRunRow
from ledger.keys.prepare import prepare
from tests.command.exit_code import exit_code
from tests.fleet.builders import NOW
from tests.ledger.running import TWO, begun, rows


def unusable(url):
    """Why a ledger at `url` cannot be opened, which preparing it does not mend."""
    engine = connect(url)
    try:
        with pytest.raises(LedgerUnusable) as refusal:
            check_prepared(engine)
    finally:
        engine.dispose()
    return str(refusal.value)


def test_a_prepared_ledger_can_be_used(engine):
    check_prepared(engine)


@pytest.mark.parametrize(("more", "seconds"), [("", 30), ("?timeout=5", 5)])
def test_sqlite_waits_for_a_writer_as_long_as_its_address_says(sqlite_url, more, seconds):
    engine = connect(f"{sqlite_url}{more}")

    with engine.connect() as connection:
        waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    engine.dispose()

    assert waits == seconds * 1000


def test_a_new_ledger_is_its_owner_s_alone(tmp_path):
    folder = tmp_path / "new"
    prepare(f"sqlite:///{folder}/ledger.db")
    engine = connect(f"sqlite:///{folder}/ledger.db")

    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        modes = {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}
    engine.dispose()

    assert folder.stat().st_mode & 0o777 == 0o700
    assert modes == dict.fromkeys(("ledger.db", "ledger.db-shm", "ledger.db-wal"), 0o600)


def test_preparing_again_changes_nothing(url, engine, ledger):
    claim = begun(ledger)

    prepare(url)

    with engine.connect() as connection:
        assert connection.scalars(text("SELECT id FROM connection_run")).all() == [claim.id]
    check_prepared(engine)


def test_migrations_make_exactly_the_tables_of_the_code(engine):
    options = {"compare_type": True, "compare_server_default": True}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, SQLModel.metadata) == []
        assert {*inspect(connection).get_table_names()} - {"alembic_version"} == {
            *SQLModel.metadata.tables
        }


def test_who_only_reads_waits_for_no_writer_and_sees_what_was_there_before(url, engine, ledger):
    other = connect(f"{url}?timeout=0" if url.startswith("sqlite") else url)
    claim = begun(ledger)

    with engine.begin() as writer:
        writer.execute(text("UPDATE connection_run SET name = 'not yet'"))
        check_prepared(other)
        with reading(other) as session:
            seen = session.get(ConnectionRunRow, claim.id).name
    other.dispose()

    assert seen == "run 1"


def test_nobody_who_writes_waits_for_those_who_only_read(engine, ledger):
    claim = begun(ledger)

    with reading(engine) as session:
        session.get(ConnectionRunRow, claim.id)
        begun(ledger, TWO, name="run 2")

    assert {row.name for row in rows(engine, ConnectionRunRow)} == {"run 1", "run 2"}


def test_instants_come_back_aware_and_in_utc(engine, ledger):
    begun(ledger)

    (row,) = rows(engine, ConnectionRunRow)
    assert row.started_at == NOW
    assert row.started_at.utcoffset().total_seconds() == 0


def test_a_ledger_that_was_never_prepared_says_how_to(tmp_path):
    message = unusable(f"sqlite:///{tmp_path}/new.db")

    assert (
        message
        == "The ledger's tables are missing or of another version. Run: muster ledger prepare"
    )


def test_a_ledger_of_another_version_is_neither_used_nor_prepared(url, engine):
    with engine.begin() as connection:
        ours = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    message = unusable(url)
    with pytest.raises(LedgerUnusable, match="A newer Muster made"):
        prepare(url)

    with engine.begin() as connection:
        back = text("UPDATE alembic_version SET version_num = :ours")
        connection.execute(back, {"ours": ours})
    assert "of another version" in message


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_text("device,host_id,mac,zero_touch\n" * 100)

    message = unusable(f"sqlite:///{file}")
    with pytest.raises(LedgerUnusable):
        prepare(f"sqlite:///{file}")

    assert "is no ledger" in message
    assert len(message.splitlines()) == 1
    assert file.read_text().startswith("device,")


def test_a_path_that_cannot_be_written_is_reported_at_once(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LedgerUnusable, match="address cannot be used") as refusal:
        prepare(f"sqlite:///{tmp_path}/file/ledger.db")

    assert str(tmp_path / "file") in str(refusal.value)


def test_a_folder_is_no_ledger(tmp_path):
    with pytest.raises(LedgerUnusable, match="cannot be prepared") as refusal:
        prepare(f"sqlite:///{tmp_path}")

    assert len(str(refusal.value).splitlines()) == 1


def test_folders_above_a_new_ledger_are_made(tmp_path):
    prepare(f"sqlite:///{tmp_path}/a/b/ledger.db")

    assert (tmp_path / "a/b/ledger.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "var/ledger.db",
        "sqlite+none:///var/ledger.db",
        "oracle://muster:s3cret@db/ledger",
        "postgresql+psycopg://muster:s3cret@db:port/ledger",
        "postgresql+psycopg://muster:s3@cret:w0rd@db/ledger",
        "://muster:s3cret@db/ledger",
    ],
)
def test_an_address_that_is_none_is_reported_without_its_password(url):
    with pytest.raises(
        LedgerUnusable, match=r"^The ledger's address cannot be used: .+"
    ) as refusal:
        connect(url)

    assert not [part for part in ("s3cret", "cret", "w0rd") if part in str(refusal.value)]


def test_a_database_that_does_not_answer_is_reported_without_the_password():
    url = "postgresql+psycopg://muster:s3cret@127.0.0.1:1/ledger?connect_timeout=2"

    message = unusable(url)
    with pytest.raises(LedgerUnusable, match="cannot be prepared"):
        prepare(url)

    assert message.startswith("The ledger cannot be opened: ")
    assert "s3cret" not in message
    assert len(message.splitlines()) == 1


def test_python_m_ledger_prepares_what_the_environment_names(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")

    codes = [exit_code("ledger", "prepare"), exit_code("ledger", "prepare")]

    assert codes == [0, 0]
    assert capsys.readouterr().out == "The ledger is ready.\n" * 2


def test_python_m_ledger_says_in_one_line_why_not(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}")

    code = exit_code("ledger", "prepare")

    message = capsys.readouterr()
    assert (code, message.out) == (1, "")
    assert message.err.startswith("The ledger cannot be prepared: ")
    assert len(message.err.splitlines()) == 1


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    """The address of a ledger that has no tables yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    return request.getfixturevalue("empty_postgres_url")


@pytest.mark.process
def test_three_that_prepare_a_new_ledger_at_once_all_find_it_ready(empty_url):
    together = Barrier(3)
    environment = {"MUSTER_LEDGER_URL": empty_url}

    def prepared(_):
        together.wait()
        command = [sys.executable, "-m", "command", "ledger", "prepare"]
        return run(command, env=environment, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(prepared, range(3)))

    assert [(each.returncode, each.stderr) for each in ended] == [(0, "")] * 3
