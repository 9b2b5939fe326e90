"""`docs/systems.md` is true: it has every system, and every call of its client."""

import inspect
import re
from pathlib import Path

import pytest

from systems.acusight.client import AcusightClient
from systems.lem.client import LemClient
from systems.provision_api.client import ProvisionApiClient
from systems.registry import SYSTEMS

PAGE = (Path(__file__).parents[2] / "docs" / "systems.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([\w ]+?)(?: \(.+\))?$(.+?)(?=^## |\Z)", PAGE, re.M | re.S))
CLIENTS = [LemClient, AcusightClient, ProvisionApiClient]
NO_CALLS = {"connect"}


def test_the_page_has_a_section_for_each_system_of_the_registry_in_its_order() -> None:
    assert list(SECTIONS) == [each.name for each in SYSTEMS]


@pytest.mark.parametrize(("section", "client"), list(zip(SECTIONS, CLIENTS, strict=True)))
def test_a_section_names_every_call_of_its_client_and_no_other(section: str, client: type) -> None:
    column = [line.split("|")[2] for line in SECTIONS[section].splitlines() if line.startswith("|")]
    named = {name for cell in column for name in re.findall(r"\.(\w+)`", cell)}

    calls = {n for n, it in inspect.getmembers(client, inspect.isfunction) if n[0] != "_"}

    assert named == calls - NO_CALLS
