"""What all tests share: one Prefect server, and counts of calls that are not this machine's own."""

from collections.abc import Iterator

import pytest


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
