"""The pages about systems are true: they have every system, every call and every setting."""

import inspect
import re
from pathlib import Path

import pytest

from systems.acusight.client import AcusightClient
from systems.lem.client import LemClient
from systems.provision_api.client import ProvisionApiClient
from systems.registry import SYSTEMS, connection_names
from systems.shared.entry import SystemEntry

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "systems.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([\w ]+?)(?: \(.+\))?$(.+?)(?=^## |\Z)", PAGE, re.M | re.S))
CLIENTS = [LemClient, AcusightClient, ProvisionApiClient]
NO_CALLS = {"connect"}
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
each_system = pytest.mark.parametrize("entry", SYSTEMS, ids=lambda entry: entry.name)


def test_the_page_has_a_section_for_each_system_of_the_registry_in_its_order() -> None:
    assert list(SECTIONS) == [each.name for each in SYSTEMS]


@pytest.mark.parametrize(("section", "client"), list(zip(SECTIONS, CLIENTS, strict=True)))
def test_a_section_names_every_call_of_its_client_and_no_other(section: str, client: type) -> None:
    column = [line.split("|")[2] for line in SECTIONS[section].splitlines() if line.startswith("|")]
    named = {name for cell in column for name in re.findall(r"\.(\w+)`", cell)}

    calls = {n for n, it in inspect.getmembers(client, inspect.isfunction) if n[0] != "_"}

    assert named == calls - NO_CALLS


@each_system
def test_every_setting_of_a_system_has_its_line_and_no_other_is_reported(
    entry: SystemEntry,
) -> None:
    said = {entry.settings.variable(name) for name in entry.settings.model_fields}

    assert set(re.findall(rf"^#({entry.prefix}\w+)=", EXAMPLE, re.M)) == said
    assert set(re.findall(rf"`({entry.prefix}\w+)`", CONFIGURATION)) == said


def test_the_environment_s_connections_are_named_where_they_are_reported() -> None:
    *first, last = connection_names().split(", ")

    assert f"{', '.join(first)} and {last}" in EXAMPLE
    assert f"`{'`, `'.join(first)}` and `{last}`" in CONFIGURATION
