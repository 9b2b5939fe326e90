"""The registry: the only place that lists the systems.

Another package adds a system of its own by an entry point of the group `muster.systems` that leads
to a `SystemEntry`, such as `toy = "muster_toy.entry:TOY"` in its pyproject.toml.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from fleet.text.expected import ExpectedError
from systems.acusight.adapter import Acusight
from systems.acusight.settings import AcusightSettings
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.settings import ProvisionApiSettings
from systems.shared.entry import SystemEntry

GROUP = "muster.systems"
SYSTEMS: tuple[SystemEntry[Any], ...] = (
    SystemEntry("LEM", "lem", LemSettings, Lem, "systems.lem.block:LemConnection"),
    SystemEntry(
        "Acusight",
        "acusight",
        AcusightSettings,
        Acusight,
        "systems.acusight.block:AcusightConnection",
    ),
    SystemEntry(
        "provision_api",
        "provision-api",
        ProvisionApiSettings,
        ProvisionApi,
        "systems.provision_api.block:ProvisionApiConnection",
    ),
)


class UnusableSystem(ExpectedError):
    """A package brings a system that cannot be used; the message names the package."""


def systems() -> tuple[SystemEntry[Any], ...]:
    """Muster's own systems, then those that installed packages add."""
    return SYSTEMS + _added(tuple(sys.path))


def connection_names() -> str:
    """What the environment's connections are called: "lem, acusight, provision-api"."""
    return ", ".join(each.connection for each in systems())


def names_of(ability: type[Any]) -> str:
    """The systems with that ability: of `fleet.system.system.Issuing`, for example, "Acusight"."""
    return " or ".join(each.name for each in systems() if issubclass(each.adapter, ability))


@lru_cache(maxsize=4)
def _added(_path: tuple[str, ...]) -> tuple[SystemEntry[Any], ...]:
    """The systems of packages on that `sys.path`; looking them up takes some milliseconds."""
    added = tuple(_loaded(point) for point in entry_points(group=GROUP))
    for attribute in ("name", "connection", "prefix"):
        _refuse_twins(attribute, [getattr(each, attribute) for each in (*SYSTEMS, *added)])
    return added


def _loaded(point: EntryPoint) -> SystemEntry[Any]:
    package = point.dist.name if point.dist else "an installed package"
    where = f"The entry point {point.value!r} ({GROUP}) of {package}"
    try:
        entry = point.load()
    except (ImportError, AttributeError) as error:
        raise UnusableSystem(f"{where} cannot be loaded: {error}. Repair or remove it") from error
    if not isinstance(entry, SystemEntry):
        raise UnusableSystem(f"{where} leads to no SystemEntry. Repair or remove it")
    return entry


def _refuse_twins(attribute: str, values: Sequence[str]) -> None:
    if twice := [value for value, count in Counter(values).items() if count > 1]:
        raise UnusableSystem(
            f"Two systems have the {attribute} {twice[0]!r}. Remove one of the packages that "
            f"bring them ({GROUP})"
        )
