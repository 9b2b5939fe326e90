"""What all tests share: how laws are tested, one Prefect server, and a budget of calls."""

from collections.abc import Generator, Iterator

import pytest

from tests.laws import all_met


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """A test about some cases only fails when none of them occurs."""
    with all_met():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for the Prefect server is one of the slow ones."""
    for item in items:
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    # Imported here, for it takes seconds and most tests need no Prefect.
    from prefect.settings import PREFECT_LOGGING_LEVEL, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    quiet = temporary_settings({PREFECT_LOGGING_LEVEL: "CRITICAL"})
    with quiet, prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(scope="session", autouse=True)
def pace_of_all_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSTER_PACE_FOLDER", str(tmp_path_factory.getbasetemp() / "pace"))
        yield
