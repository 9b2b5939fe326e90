"""How much of the proof runs, an empty ledger for each point of it, and the counts at the end."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.postgres import address_of, new_database
from tests.reliability.amount import IS_WHOLE, SEED

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here takes long: CI runs a sample of each."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.reliability)
            # A machine that crashed leaves its connections to the garbage collector.
            item.add_marker(pytest.mark.filterwarnings("ignore:<psycopg.Connection"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was counted."""
    passed = terminalreporter.getreports("passed")
    counted = [report for report in passed if report.when == "call" and report.user_properties]
    if counted:
        how = "whole" if IS_WHOLE else "a sample"
        terminalreporter.section(f"reliability: {how}, seed {SEED}")
    for report in counted:
        counts = ", ".join(f"{count} {what}" for what, count in report.user_properties)
        terminalreporter.write_line(f"{report.nodeid.rpartition('/')[2]}: {counts}")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where ledgers are, which the environment names; in memory, where that is a folder."""
    room = str(MEMORY) if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="muster-", dir=room) as name:
        path = Path(name)
        monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{path}/ledger.db")
        monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(path / "ledger.key"))
        monkeypatch.setenv("MUSTER_PACE_FOLDER", str(path / "pace"))
        monkeypatch.setenv("MUSTER_PACE_WAIT_LIMIT", "PT0S")
        yield path


@pytest.fixture
def new_ledger(request: pytest.FixtureRequest, database: str) -> Callable[[], None]:
    """Makes the ledger that the environment names an empty one."""
    make: Callable[[], None] = request.getfixturevalue(f"new_{database}")
    return make


@pytest.fixture
def new_sqlite(folder: Path, prepared_file: Path) -> Callable[[], None]:
    """Its file is replaced."""

    def make() -> None:
        for old in folder.glob("ledger.db*"):
            old.unlink()
        shutil.copy(prepared_file, folder / "ledger.db")

    return make


@pytest.fixture
def new_postgres(
    folder: Path, prepared_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Its database is dropped, whoever is still connected, and another one is named."""
    with ExitStack() as used:

        def make() -> None:
            used.close()
            database = used.enter_context(new_database(prepared_postgres))
            monkeypatch.setenv("MUSTER_LEDGER_URL", address_of(database))

        yield make
        gc.collect()
