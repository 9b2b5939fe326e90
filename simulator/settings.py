"""The simulator's switches, given in code, by `SIMULATOR_…` variables or on the command line."""

from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from simulator.acusight.settings import AcusightSettings
from simulator.lem.settings import LemSettings
from simulator.provision_api.settings import ProvisionApiSettings

__all__ = ["AcusightSettings", "LemSettings", "ProvisionApiSettings", "SimulatorSettings"]

TAKEN = ("/api/v1/", "/_simulator/")


class SimulatorSettings(BaseSettings):
    """Where the simulator listens, what it remembers, how fast its time runs, and each system.

    A system's switches are nested: `lem=LemSettings(pending_status="NEW")` in code,
    `SIMULATOR_LEM_PENDING_STATUS=NEW` in the environment.
    """

    model_config = SettingsConfigDict(
        env_prefix="SIMULATOR_", env_nested_delimiter="_", env_nested_max_split=1, extra="forbid"
    )

    port: int = Field(default=8020, ge=0, le=65535, description="0 picks a free one")
    state: Path | None = Field(default=None, description="a file to keep everything in")
    seed: int = Field(default=7, description="decides everything that is drawn")
    speed: float = Field(
        default=1.0, ge=0, description="simulated seconds per second; 0 stops time"
    )
    start: AwareDatetime | None = Field(
        default=None, description="when its time begins; now, unless it remembers another"
    )
    dates_replies: bool = Field(
        default=False, description="each reply has a Date by simulated time, not by the real one"
    )
    die_with_stdin: bool = Field(default=False, description="end when standard input does")
    lem: LemSettings = Field(default_factory=LemSettings)
    acusight: AcusightSettings = Field(default_factory=AcusightSettings)
    provision_api: ProvisionApiSettings = Field(default_factory=ProvisionApiSettings)

    @property
    def start_millis(self) -> int | None:
        """When its time begins, in milliseconds since 1970."""
        return None if self.start is None else round(self.start.timestamp() * 1000)

    @model_validator(mode="after")
    def _bases_apart(self) -> Self:
        one, other = f"{self.acusight.base}/", f"{self.provision_api.base}/"
        for base, taken in ((one, (*TAKEN, other)), (other, (*TAKEN, one))):
            if base.startswith(taken) or any(path.startswith(base) for path in taken):
                raise ValueError(f"the base {base} is in the way of another system")
        return self
