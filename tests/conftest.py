"""What all tests share: how laws are tested, a Prefect server, ledgers, and a budget of calls."""

import atexit
import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# To rewrite the asserts takes as long as many tests do, in each process of a run. It is done once
# and kept, in folders that git ignores, even where PYTHONDONTWRITEBYTECODE forbids Python that.
sys.dont_write_bytecode = False

from tests.laws import all_met  # noqa: E402  (it is kept of Hypothesis as well)

if TYPE_CHECKING:
    from tests.postgres_copies import Copies

LEDGER_KEY = "YSBrZXkgZm9yIHRlc3RzLCBvZiBubyBvdGhlciB1c2U="  # so that no test makes a file for one
HERE = Path(__file__).parent
SLOW = {  # what is not even imported when its mark is not wanted
    HERE / "flows": "server",
    HERE / "ui": "server",
    HERE / "simulator/test_fuzzed.py": "process",
}
SLOWEST = (HERE / "ui", HERE / "deployments", HERE / "reliability")
MEMORY = Path("/dev/shm")  # where Linux has a file system in memory
ENOUGH = 2 * 2**30  # bytes: many times what all tests leave there


def pytest_configure() -> None:
    """Files of tests are in memory, where there is room: else each commit waits for a disk.

    A process of several ends without freeing its memory piece by piece, which takes seconds.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        atexit.register(os._exit, 0)
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """A test about some cases only fails when none of them occurs."""
    with all_met():
        return (yield)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Slow tests whose imports take long are left out when none of their kind is wanted."""
    marker = SLOW.get(collection_path)
    return True if marker and f"not {marker}" in config.getoption("markexpr") else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """To look through all that is imported for garbage, again and again, takes a tenth.

    What tests leave is looked through too, but not as often as after every 700 objects.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A share of the tests of a ledger, or all, are run on PostgreSQL too, where that is wanted."""
    wanted = metafunc.config.getoption("markexpr")
    if "database" not in metafunc.fixturenames or "not postgres" in wanted:
        return
    from tests.postgres import is_drawn

    is_of_a_file = metafunc.definition.get_closest_marker("sqlite")
    if not is_of_a_file and is_drawn(metafunc.definition.nodeid):
        kinds = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
        metafunc.parametrize("database", kinds, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for the Prefect server is one of the slow ones; the slowest begin first.

    So that of two processes neither is left with the last of them while the other has no more.
    """
    items.sort(key=lambda item: not any(room in item.path.parents for room in SLOWEST))
    for item in items:
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    # Imported here, for it takes seconds and most tests need no Prefect.
    from filelock import FileLock
    from prefect.settings import PREFECT_LOGGING_LEVEL, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with ExitStack() as stack:
        # Two that look for a free port at the same time could find the same one.
        with FileLock(tmp_path_factory.getbasetemp().parent / "prefect-server.lock"):
            stack.enter_context(temporary_settings({PREFECT_LOGGING_LEVEL: "CRITICAL"}))
            stack.enter_context(prefect_test_harness(server_startup_timeout=120))
        yield


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger with its tables, to copy: making those takes a hundred times as long."""
    from ledger.keys.prepare import prepare

    file = tmp_path_factory.mktemp("ledger") / "prepared.db"
    prepare(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(prepared_file: Path, tmp_path: Path) -> str:
    """The address of an empty, prepared ledger in the test's own folder."""
    return f"sqlite:///{shutil.copy(prepared_file, tmp_path / 'ledger.db')}"


@pytest.fixture(scope="session")
def prepared_postgres() -> Iterator[str]:
    """The name of an empty PostgreSQL database with its tables, to copy."""
    from ledger.keys.prepare import prepare
    from tests.postgres import address_of, new_database

    with new_database() as database:
        prepare(address_of(database))
        yield str(database.database)


@pytest.fixture(scope="session")
def postgres_copies(prepared_postgres: str) -> Iterator["Copies"]:
    from tests.postgres_copies import Copies

    copies = Copies(prepared_postgres)
    yield copies
    copies.drop()


@pytest.fixture
def postgres_url(postgres_copies: "Copies") -> Iterator[str]:
    """The address of an empty, prepared ledger on PostgreSQL."""
    from tests.postgres import address_of

    with postgres_copies.one() as database:
        yield address_of(database)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database the ledger is on: "sqlite" or "postgres"."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database: str) -> str:
    """The address of an empty, prepared ledger on that database."""
    return str(request.getfixturevalue(f"{database}_url"))


@pytest.fixture(scope="session", autouse=True)
def pace_of_all_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSTER_PACE_FOLDER", str(tmp_path_factory.getbasetemp() / "pace"))
        patch.setenv("MUSTER_LEDGER_KEY", LEDGER_KEY)
        patch.setenv("MUSTER_DECISION_HEADS", "/dev/null")
        yield
