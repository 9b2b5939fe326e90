"""One Prefect server for all flow tests; a LEM and a ledger of its own for each."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_LOGGING_LEVEL, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from ledger.engine import prepare
from simulator.running import RunningSimulator
from simulator.settings import LemSettings, SimulatorSettings

SPEED = 40
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a Prefect server."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    quiet = temporary_settings({PREFECT_LOGGING_LEVEL: "CRITICAL"})
    with quiet, prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def start_lem(
    prefect_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., RunningSimulator]]:
    """Starts a LEM with the switches it is given; everything is set up to use it."""
    started: list[RunningSimulator] = []

    def start(**switches: Any) -> RunningSimulator:
        lem = RunningSimulator(SimulatorSettings(speed=SPEED, lem=LemSettings(**switches)))
        lem.__enter__()
        started.append(lem)
        monkeypatch.setenv("LEM_URL", lem.url)
        return lem

    url = f"sqlite:///{tmp_path}/ledger.db"
    for name, value in {
        "MUSTER_LEDGER_URL": url,
        "MUSTER_LEDGER_LEASE": "PT2S",
        "MUSTER_REPORTS": str(tmp_path / "reports"),
        "MUSTER_LOOK_FIRST": "PT0.05S",
        "MUSTER_LOOK_LAST": "PT0.2S",
        "MUSTER_RETRY_GAP": "PT0.2S",
        "MUSTER_DOUBT": "PT0.5S",
    }.items():
        monkeypatch.setenv(name, value)
    prepare(url)
    yield start
    for lem in started:
        lem.__exit__(None, None, None)


@pytest.fixture
def lem(start_lem: Callable[..., RunningSimulator]) -> RunningSimulator:
    """A LEM as it comes."""
    return start_lem()


@pytest.fixture
def ended() -> Callable[..., State[Any]]:
    """Runs a flow to its end, with little patience, and returns the state it ended in."""

    def run(flow: Any, *args: Any, patience_minutes: int = 1, **kwargs: Any) -> State[Any]:
        kwargs["patience_minutes"] = patience_minutes
        state: State[Any] = asyncio.run(flow(*args, **kwargs, return_state=True))
        return state

    return run
