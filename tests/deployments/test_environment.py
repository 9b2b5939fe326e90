import os
from pathlib import Path

import pytest

from deployments.environment import demo_environment, plant_rosters
from deployments.plant import ROSTER
from fleet.text.settings import RENAMED
from ledger.database.settings import LedgerSettings
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.settings import SimulatorSettings
from systems.lem.settings import LemSettings
from systems.shared.pace import PaceSettings
from tasks.runtime.report_links import LinkSettings
from tasks.runtime.settings import RunSettings
from tasks.text.sources import SourceSettings

MEANT_FOR_A_REAL_LEM = {
    "LEM_URL": "https://lem.plant.test",
    "LEM_PROJECT": "real-project",
    "LEM_TOKEN": "a-real-token",
    "LEM_AUTH": "basic",
    "LEM_CA_FILE": "/no/such/ca.pem",
    "LEM_VERIFY": "false",
    "LEM_TIMEOUT_SECONDS": "1",
    "LEM_CONCURRENCY": "no number",
    "MUSTER_LEDGER_URL": "postgresql+psycopg://db.plant.test/muster",
    "MUSTER_LEDGER_LEASE": "PT1H",
    "MUSTER_OBSERVE_GAP_MIN": "PT1H",
    "MUSTER_OBSERVE_GAP_MAX": "PT2H",
    "MUSTER_RETRIES": "0",
    "MUSTER_RETRY_GAP": "PT1H",
    "MUSTER_TASK_RUNS_PER_ROUND": "1",
    "MUSTER_REPORTS": "/no/such/reports",
    "MUSTER_REPORTS_URL": "https://muster.plant.test/reports",
    "MUSTER_ROSTERS": "/no/such/rosters",
    "MUSTER_ROSTER_HOSTS": "files.plant.test",
    "MUSTER_ROSTER_NETWORKS": "10.20.0.0/16",
    "SIMULATOR_LEM_TOKEN": "another-token",
    "SIMULATOR_SPEED": "0",
}
OLD = dict.fromkeys(RENAMED, "nothing that would do")


@pytest.fixture
def in_the_demo(tmp_path, monkeypatch):
    """What the settings are in the demo's environment, in a folder with that .env."""

    def message(outside):
        named = os.environ | outside
        environment = demo_environment(named, Path("d"), "http://sim.test", "http://prefect.test")
        for name in {*os.environ} - {*environment}:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        PaceSettings()
        kinds = (LemSettings, LedgerSettings, RunSettings, SimulatorSettings)
        lem, *others = [each() for each in kinds]
        shown = [each.model_dump(mode="json") for each in (lem, *others)]
        return lem.token.get_secret_value(), *shown

    lines = [f"{name}={value}\n" for name, value in (MEANT_FOR_A_REAL_LEM | OLD).items()]
    (tmp_path / ".env").write_text("".join(lines))
    return message


def own(settings):
    return settings.model_construct().model_dump(mode="json")


@pytest.mark.parametrize(
    "outside",
    [
        {},
        MEANT_FOR_A_REAL_LEM,
        {name.lower(): value for name, value in MEANT_FOR_A_REAL_LEM.items()},
    ],
    ids=["a .env", "a .env and the environment", "a .env and the environment in lower case"],
)
def test_nothing_that_is_meant_for_a_real_lem_reaches_the_demo(in_the_demo, outside):
    token, lem, ledger, run, simulator = in_the_demo(outside)

    assert token == DEFAULT_TOKEN
    assert lem == own(LemSettings) | {"url": "http://sim.test/", "project": DEFAULT_PROJECT}
    mine = {
        "url": "sqlite:///d/ledger.db",
        "key_file": "d/ledger.key",
        "archive": "d/decisions",
    }
    assert ledger == own(LedgerSettings) | mine
    assert run == own(RunSettings) | {"reports": "d/reports", "outcome_timeout": "PT5S"}
    assert LinkSettings().reports_url is None
    assert SourceSettings().model_dump(mode="json") == own(SourceSettings) | {
        "rosters": [str(ROSTER.parent)]
    }
    faster = {"rate_seconds": 10.0}  # so that nobody waits a minute for the quota of the real one
    own_simulator = SimulatorSettings.model_construct().model_dump(mode="json")
    assert simulator == own_simulator | {"provision_api": own_simulator["provision_api"] | faster}


def test_what_is_none_of_muster_s_stays_as_it_is():
    outside = {"PATH": "/bin", "HTTPS_PROXY": "http://proxy.test", "PREFECT_PROFILE": "mine"}

    environment = demo_environment(outside, Path("d"), "http://sim.test", "http://prefect.test")

    assert (environment["PATH"], environment["HTTPS_PROXY"]) == ("/bin", "http://proxy.test")
    assert "PREFECT_PROFILE" not in environment


def test_the_plant_s_roster_may_be_named_beside_those_of_the_default_folder(monkeypatch):
    monkeypatch.delenv("MUSTER_ROSTERS", raising=False)
    unset = plant_rosters(SourceSettings(_env_file=None))
    monkeypatch.setenv("MUSTER_ROSTERS", "/srv/rosters")

    assert unset == {"MUSTER_ROSTERS": f"rosters{os.pathsep}{ROSTER.parent}"}
    assert plant_rosters(SourceSettings()) == {}
