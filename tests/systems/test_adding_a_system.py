"""A fourth system is a folder and an entry of the registry: `docs/adding-a-system.md`, done.

The folder is `tests/systems/toy/`. It is installed as a package would be: what leads to its entry
is in the metadata of a package on `sys.path`, and nothing else knows of it.
"""

import asyncio
import re
import subprocess
import sys
from collections import Counter
from os import environ
from pathlib import Path

import pandas as pd
import pytest
from prefect.settings import PREFECT_API_URL

from connections.blocks import block_types
from connections.named import find, known
from deployments.processes import DidNotStart
from deployments.up import _checked_settings
from fleet.system.system import System
from systems.registry import SYSTEMS, UnusableSystem, connection_names, systems
from tests.connections.blocks import without_blocks
from tests.systems.toy.block import ToyConnection
from tests.systems.toy.entry import TOY
from tests.systems.toy.simulator import TOKEN, RunningToy

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "toy"
INSTALLED = FOLDER / "installed"
GUIDE = ROOT / "docs" / "adding-a-system.md"
ROSTER = "device\nedge-001\nedge-002\nedge-003"


@pytest.fixture
def installed(monkeypatch):
    """The toy's package is installed."""
    monkeypatch.syspath_prepend(str(INSTALLED))


@pytest.fixture
def toy(installed, monkeypatch):
    """A toy system that answers where the environment says."""
    with RunningToy() as toy:
        monkeypatch.setenv("TOY_URL", toy.url)
        yield toy


@pytest.fixture
def ledger(database_url, tmp_path, monkeypatch):
    """A prepared ledger, and runs that wait as little as they can."""
    for name, value in {
        "MUSTER_LEDGER_URL": database_url,
        "MUSTER_LEDGER_KEY_FILE": str(tmp_path / "ledger.key"),
        "MUSTER_REPORTS": str(tmp_path / "reports"),
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def bring(package, tmp_path, monkeypatch, value):
    """Install a package whose entry point leads to `value`."""
    folder = tmp_path / f"{package}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[muster.systems]\nit = {value}\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def test_without_its_package_nobody_knows_it():
    assert systems() == SYSTEMS


def test_its_entry_is_all_that_the_registry_needs(installed):
    assert systems() == (*SYSTEMS, TOY)
    assert connection_names().split(", ")[-1] == "toy"
    assert block_types()[-1] is ToyConnection


def test_its_adapter_does_what_a_system_does(toy):
    async def opened():
        async with TOY.connected() as system:
            return isinstance(system, System), await system.check(pd.Timestamp.now("UTC"))

    is_system, checkup = asyncio.run(opened())

    assert is_system
    assert checkup.who == "account acme"
    assert [check.message for check in checkup.checks if not check.is_good] == []


def test_prefect_registers_its_form_with_those_of_the_others(prefect_server):
    command = [sys.executable, "-m", "prefect", "block", "register", "-m", "connections.blocks"]
    here = {"PYTHONPATH": f"{INSTALLED}:{ROOT}", "PREFECT_API_URL": PREFECT_API_URL.value()}

    ended = subprocess.run(
        command, env=environ | here, capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert "Successfully registered 4 blocks" in ended.stdout
    for name in ("LEM", "Acusight", "provision_api", "toy"):
        assert f"Muster {name} connection" in ended.stdout


def test_a_site_comes_into_service_by_the_environment_s_connection(prefect_server, toy, ledger):
    from flows.onboard_site import onboard_site  # brings Prefect's engine

    state = asyncio.run(onboard_site("plant-7", ROSTER, connection="toy", return_state=True))
    once = Counter(toy.calls)
    again = asyncio.run(onboard_site("plant-7", ROSTER, connection="toy", return_state=True))

    assert (state.name, again.name) == ("Completed", "Completed")
    assert state.message.startswith("plant-7: 3 in service. Report: ")
    assert (once["POST devices"], once["POST enter"]) == (3, 3)
    assert (toy.calls["POST devices"], toy.calls["POST enter"]) == (3, 3)
    assert {device["state"] for device in toy.devices.values()} == {"in"}
    (table, *_) = (ledger / "reports").glob("*.csv")
    assert list(pd.read_csv(table)["state"]) == ["in service"] * 3
    written = b"".join(f.read_bytes() for f in ledger.rglob("*") if f.is_file())
    assert not [key for key in toy.keys.values() if key.encode() in written]


def test_a_device_comes_into_service_by_a_block_of_it(prefect_server, toy, ledger):
    from flows.provision_device import provision_device  # brings Prefect's engine

    asyncio.run(without_blocks())
    ToyConnection(url=toy.url, account="block", token=TOKEN).save("toy-plant-9")

    device = {"name": "edge-042"}
    state = asyncio.run(
        provision_device("plant-9", device, connection="toy-plant-9", return_state=True)
    )
    found = asyncio.run(find("toy-plant-9"))
    others = [each.name for each in asyncio.run(known()) if each.origin == "environment"]
    asyncio.run(without_blocks())

    assert (state.name, toy.devices["edge-042"]["state"]) == ("Completed", "in")
    assert (found.system, others[-1]) == ("Toy", "toy")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("no.such.module:IT", "cannot be loaded: No module named 'no'"),
        ("tests.systems.toy.entry:NOT_THERE", "cannot be loaded: "),
        ("tests.systems.toy.settings:ToySettings", "leads to no SystemEntry"),
    ],
)
def test_a_package_that_brings_no_system_is_reported_by_its_name(
    tmp_path, monkeypatch, value, words
):
    bring("muster-broken", tmp_path, monkeypatch, value)

    with pytest.raises(UnusableSystem) as refusal:
        systems()

    with pytest.raises(DidNotStart, match="muster-broken"):
        _checked_settings()
    assert "muster-broken" in str(refusal.value)
    assert words in str(refusal.value)


def test_two_systems_of_one_name_are_refused(installed, tmp_path, monkeypatch):
    bring("muster-other", tmp_path, monkeypatch, "tests.systems.toy.entry:TOY")

    with pytest.raises(UnusableSystem, match="Two systems have the name 'Toy'"):
        systems()


def test_the_guide_names_every_file_of_the_folder_and_no_other():
    named = set(re.findall(r"`(\w+\.py)`", GUIDE.read_text("utf-8")))

    assert named == {path.name for path in FOLDER.glob("*.py")}
