"""A ledger that the environment names, and the systems of a simulator, without a Prefect server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl

from simulator.acusight.settings import DEFAULT_JWT
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.running import RunningSimulator
from simulator.settings import ProvisionApiSettings as Switches
from simulator.settings import SimulatorSettings
from systems.acusight.adapter import Acusight
from systems.acusight.settings import AcusightSettings
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.settings import ProvisionApiSettings
from tests.tasks.pipeline.unserved import Unserved


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    switches = Switches(rate_limit=False)
    with RunningSimulator(SimulatorSettings(provision_api=switches)) as running:
        yield running


@pytest.fixture
def ledger_url(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty ledger, which the environment names."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", database_url)
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(tmp_path / "ledger.key"))
    monkeypatch.setenv("MUSTER_PACE_FOLDER", str(tmp_path / "pace"))
    return database_url


@pytest.fixture
def gateways(simulator: RunningSimulator, ledger_url: str) -> Unserved:
    """The tenant of a provision_api."""
    url = AnyHttpUrl(f"{simulator.url}/provision")
    settings = ProvisionApiSettings(
        _env_file=None, url=url, admin_key=DEFAULT_ADMIN_KEY, quota_calls=0
    )
    return Unserved(lambda: ProvisionApi.connect(settings))


@pytest.fixture
def edges(simulator: RunningSimulator, ledger_url: str) -> Unserved:
    """The project of a LEM."""
    url = AnyHttpUrl(simulator.url)
    settings = LemSettings(_env_file=None, url=url, project=DEFAULT_PROJECT, token=DEFAULT_TOKEN)
    return Unserved(lambda: Lem.connect(settings))


@pytest.fixture
def cameras(simulator: RunningSimulator, ledger_url: str) -> Unserved:
    """The organization of an Acusight."""
    url = AnyHttpUrl(f"{simulator.url}/acusight/api")
    settings = AcusightSettings(_env_file=None, url=url, token=DEFAULT_JWT)
    return Unserved(lambda: Acusight.connect(settings))
