"""The registry: the only place that lists the systems."""

from typing import Any

from systems.acusight.adapter import Acusight
from systems.acusight.settings import AcusightSettings
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.settings import ProvisionApiSettings
from systems.shared.entry import SystemEntry

SYSTEMS: tuple[SystemEntry[Any], ...] = (
    SystemEntry("LEM", "lem", LemSettings, Lem.connect, "systems.lem.block:LemConnection"),
    SystemEntry(
        "Acusight",
        "acusight",
        AcusightSettings,
        Acusight.connect,
        "systems.acusight.block:AcusightConnection",
    ),
    SystemEntry(
        "provision_api",
        "provision-api",
        ProvisionApiSettings,
        ProvisionApi.connect,
        "systems.provision_api.block:ProvisionApiConnection",
    ),
)


def systems() -> tuple[SystemEntry[Any], ...]:
    """Every kind of system that Muster knows."""
    return SYSTEMS
