import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.environment import demo_environment
from fleet.text.settings import RENAMED
from ledger.database.settings import LedgerSettings
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.settings import SimulatorSettings
from systems.lem.settings import LemSettings
from tasks.runtime.settings import RunSettings

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
    "SIMULATOR_LEM_TOKEN": "another-token",
    "SIMULATOR_SPEED": "0",
}
OLD = dict.fromkeys(RENAMED, "nothing that would do")
SAY = """
import json
from systems.lem.settings import LemSettings
from systems.shared.pace import PaceSettings
from ledger.database.settings import LedgerSettings
from simulator.settings import SimulatorSettings
from tasks.runtime.settings import RunSettings
made = [each() for each in (LemSettings, LedgerSettings, RunSettings, SimulatorSettings)]
PaceSettings()
token = made[0].token.get_secret_value()
print(json.dumps([token, *(each.model_dump(mode="json") for each in made)]))
"""


@pytest.fixture
def in_the_demo(tmp_path):
    """What the settings are for the demo's processes, in a folder with that .env."""

    def message(outside):
        named = os.environ | {"PYTHONPATH": str(Path.cwd())} | outside
        environment = demo_environment(named, Path("d"), "http://sim.test", "http://prefect.test")
        command = [sys.executable, "-c", SAY]
        ended = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return json.loads(ended.stdout)

    lines = [f"{name}={value}\n" for name, value in (MEANT_FOR_A_REAL_LEM | OLD).items()]
    (tmp_path / ".env").write_text("".join(lines))
    return message


def own(settings):
    return settings.model_construct().model_dump(mode="json")


@pytest.mark.process
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
    mine = {"url": "sqlite:///d/ledger.db", "key_file": "d/ledger.key"}
    assert ledger == own(LedgerSettings) | mine
    assert run == own(RunSettings) | {"reports": "d/reports", "outcome_timeout": "PT5S"}
    faster = {"rate_seconds": 10.0}  # so that nobody waits a minute for the quota of the real one
    own_simulator = SimulatorSettings.model_construct().model_dump(mode="json")
    assert simulator == own_simulator | {"provision_api": own_simulator["provision_api"] | faster}


def test_what_is_none_of_muster_s_stays_as_it_is():
    outside = {"PATH": "/bin", "HTTPS_PROXY": "http://proxy.test", "PREFECT_PROFILE": "mine"}

    environment = demo_environment(outside, Path("d"), "http://sim.test", "http://prefect.test")

    assert (environment["PATH"], environment["HTTPS_PROXY"]) == ("/bin", "http://proxy.test")
    assert "PREFECT_PROFILE" not in environment
