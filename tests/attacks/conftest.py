"""What attackers find: a site with a LEM, without a Prefect server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl

from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.running import RunningSimulator
from simulator.settings import LemSettings as Switches
from simulator.settings import SimulatorSettings
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from tests.attacks.plant import Plant
from tests.tasks.pipeline.unserved import Unserved


@pytest.fixture
def lem() -> Iterator[RunningSimulator]:
    with RunningSimulator(SimulatorSettings(lem=Switches(seconds_per_step=0))) as running:
        yield running


@pytest.fixture
def plant(
    lem: RunningSimulator, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Plant:
    """A plant whose ledger is empty."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", database_url)
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(tmp_path / "ledger.key"))
    settings = LemSettings(
        _env_file=None, url=AnyHttpUrl(lem.url), project=DEFAULT_PROJECT, token=DEFAULT_TOKEN
    )
    return Plant(lem, Unserved(lambda: Lem.connect(settings)))
