"""What attackers find: a site with a LEM, without a Prefect server; files and a web server."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl

from ledger.database.engine import connect
from ledger.session import Ledger
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.running import RunningSimulator
from simulator.settings import LemSettings as Switches
from simulator.settings import SimulatorSettings
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from tests.attacks.given import allow
from tests.attacks.plant import Plant
from tests.attacks.record import history
from tests.attacks.service import Service, serving
from tests.tasks.pipeline.unserved import Unserved


@pytest.fixture(scope="session")
def history_file(prepared_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with a history, to copy."""
    file = Path(shutil.copy(prepared_file, tmp_path_factory.mktemp("history")))
    engine = connect(f"sqlite:///{file}")
    history(Ledger(engine))
    engine.dispose()
    return file


@pytest.fixture
def history_url(history_file: Path, tmp_path: Path) -> str:
    """The address of a ledger with a history, in the test's own folder."""
    return f"sqlite:///{shutil.copy(history_file, tmp_path / 'ledger.db')}"


@pytest.fixture
def lem() -> Iterator[RunningSimulator]:
    with RunningSimulator(SimulatorSettings(lem=Switches(seconds_per_step=0))) as running:
        yield running


@pytest.fixture
def plant(lem: RunningSimulator, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """A plant whose ledger is empty."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", database_url)
    settings = LemSettings(
        _env_file=None, url=AnyHttpUrl(lem.url), project=DEFAULT_PROJECT, token=DEFAULT_TOKEN
    )
    return Plant(lem, Unserved(lambda: Lem.connect(settings)))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The one folder that holds rosters."""
    (rosters := tmp_path / "rosters").mkdir()
    monkeypatch.setenv("MUSTER_ROSTERS", str(rosters))
    return rosters


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as started:
        yield started


@pytest.fixture
def allowed(service, monkeypatch) -> Service:
    """A service to which URLs may lead, on the loopback too."""
    allow(monkeypatch, f"127.0.0.1:{service.port}", networks="127.0.0.1")
    return service
