"""The settings of the small installation of `make up`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from fleet.text.settings import Settings


class UpSettings(Settings):
    """MUSTER_UP_… in the environment or .env: ports, and where logs and Prefect's data go."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_UP_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    port: int = Field(default=4200, ge=1, le=65535)
    reports_port: int = Field(default=4210, ge=1, le=65535)
    folder: Path = Path("var/up")
    concurrent_runs: int = Field(default=8, ge=1)
