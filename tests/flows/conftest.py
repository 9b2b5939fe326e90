"""A LEM and a ledger of its own for each flow test."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from sqlalchemy import Engine

from ledger.database.engine import connect
from simulator.running import RunningSimulator
from simulator.settings import (
    AcusightSettings,
    LemSettings,
    ProvisionApiSettings,
    SimulatorSettings,
)

SPEED = 40
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a Prefect server."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.server)


@pytest.fixture
def start_lem(
    prefect_server: None, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., RunningSimulator]]:
    """Starts a LEM with the switches it is given, and the other systems with those given by name.

    Everything is set up to use all three; provision_api's quota is that of the simulated minute.
    """
    started: list[RunningSimulator] = []

    def start(
        acusight: AcusightSettings | None = None,
        provision_api: ProvisionApiSettings | None = None,
        **switches: Any,
    ) -> RunningSimulator:
        settings = SimulatorSettings(
            speed=SPEED,
            lem=LemSettings(**switches),
            acusight=acusight or AcusightSettings(),
            provision_api=provision_api or ProvisionApiSettings(),
        )
        lem = RunningSimulator(settings)
        lem.__enter__()
        started.append(lem)
        monkeypatch.setenv("LEM_URL", lem.url)
        monkeypatch.setenv("ACUSIGHT_URL", f"{lem.url}{settings.acusight.base}")
        monkeypatch.setenv("PROVISION_API_URL", f"{lem.url}{settings.provision_api.base}")
        return lem

    for name, value in {
        "MUSTER_LEDGER_URL": database_url,
        "MUSTER_LEDGER_LEASE": "PT2S",
        "MUSTER_LEDGER_KEY_FILE": str(tmp_path / "ledger.key"),
        "MUSTER_PACE_FOLDER": str(tmp_path / "pace"),
        "PROVISION_API_QUOTA_SECONDS": str(1.1 * 60 / SPEED),
        "MUSTER_REPORTS": str(tmp_path / "reports"),
        "MUSTER_OBSERVE_GAP_MIN": "PT0.05S",
        "MUSTER_OBSERVE_GAP_MAX": "PT0.2S",
        "MUSTER_RETRY_GAP": "PT0.2S",
        "MUSTER_OUTCOME_TIMEOUT": "PT0.5S",
    }.items():
        monkeypatch.setenv(name, value)
    yield start
    for lem in started:
        lem.__exit__(None, None, None)


@pytest.fixture
def lem(start_lem: Callable[..., RunningSimulator]) -> RunningSimulator:
    """A LEM as it comes."""
    return start_lem()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The ledger that the flows write."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def ended() -> Callable[..., State[Any]]:
    """Runs a flow to its end, with a short wait limit, and returns the state it ended in."""

    def run(flow: Any, *args: Any, wait_minutes: int = 1, **kwargs: Any) -> State[Any]:
        kwargs["wait_minutes"] = wait_minutes
        state: State[Any] = asyncio.run(flow(*args, **kwargs, return_state=True))
        return state

    return run
