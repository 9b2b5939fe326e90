"""The scenario of a month, as in month.yaml: sites, how many devices have trouble, incidents."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, model_validator

from simulator.lem.booted_device import Behavior

SCENARIO = Path(__file__).with_name("month.yaml")
NIGHT = timedelta(hours=2)  # when the nightly run begins, on the day after
System = Literal["lem", "acusight", "provision_api"]
Who = Literal[
    "",
    "sound",
    "stuck",
    "failing",
    "never",
    "unknown-device",
    "retired",
    "acusight",
    "provision_api",
]


class What(StrEnum):
    """What happens, in the words of the scenario and of the table of nights."""

    ONBOARDED = "roster onboarded"
    POWERED_ON = "powered on"
    UNKNOWN_DEVICE = "unknown device asked"
    ADMITTED = "approved by hand"
    REPAIRED = "repaired"
    DELETED = "deleted by hand"
    FORGOTTEN = "request deleted by hand"
    MOVED = "moved to another site by hand"
    REVOKED = "revoked by hand"
    DROPPED = "taken off the roster"
    REJECTED = "rejected by hand"
    RETIRED = "retired"
    REVIVED = "revived by hand"
    DOWN = "went down"
    UP = "came up again"
    MISSED = "no run at night"


class _Written(BaseModel, extra="forbid", frozen=True):
    pass


class Late(_Written):
    """How many of a site's devices are on its roster only from a later day."""

    day: int = Field(ge=1)
    lem: int = 0
    acusight: int = 0
    provision_api: int = 0


class Newer(_Written):
    """How many devices of LEM have the newer version, and how many of these it makes fail."""

    devices: int = 0
    failing: int = 0


class Site(_Written):
    """One site: its LEM project, the connection to that, and how many devices of which system.

    Its roster is first onboarded on `day`. The last of its LEM devices have the newer version; of
    the others, `troubles` says how many behave in which way.
    """

    name: str
    connection: str
    project: str
    lem: int
    acusight: int = 0
    provision_api: int = 0
    day: int = Field(default=1, ge=1)
    late: Late = Late(day=1)
    newer: Newer = Newer()
    troubles: dict[Behavior, int] = {}

    @model_validator(mode="after")
    def _has_enough(self) -> "Site":
        if sum(self.troubles.values()) > self.lem - self.newer.devices:
            raise ValueError(f"{self.name} has more troubles than devices")
        return self


class Incident(_Written):
    """What happens on a day at a site, to a device that is drawn; "" is no site, or any."""

    day: int = Field(ge=1)
    at: time
    what: What
    site: str = ""
    who: Who = ""
    system: System | None = None
    code_days: int = 40
    register_again: bool = False


class Scenario(_Written):
    """All of it."""

    start: date
    nights: int = Field(ge=1)
    arrival_days: int = Field(ge=1)
    newer: str
    sites: tuple[Site, ...]
    incidents: tuple[Incident, ...]

    @model_validator(mode="after")
    def _names_sites(self) -> "Scenario":
        known = {"", *(site.name for site in self.sites)}
        if unknown := {each.site for each in self.incidents} - known:
            raise ValueError(f"no such site: {', '.join(sorted(unknown))}")
        return self

    def midnight(self, day: int) -> datetime:
        """The instant at which that day begins; the first is day 1."""
        return datetime.combine(self.start, time(), UTC) + timedelta(days=day - 1)

    def night(self, day: int) -> datetime:
        """The instant at which the nightly run begins that follows that day."""
        return self.midnight(day + 1) + NIGHT


def read_scenario(text: str | None = None) -> Scenario:
    """The scenario in `text`, or in month.yaml."""
    written: Any = yaml.safe_load(SCENARIO.read_text("utf-8") if text is None else text)
    return Scenario.model_validate(written)
