"""How often runs look, and how much they show."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RunSettings(BaseSettings):
    """MUSTER_… in the environment or .env.

    While nothing changes, the gap between looks grows from `look_first` to `look_last`.
    """

    model_config = SettingsConfigDict(env_prefix="MUSTER_", env_file=".env", extra="ignore")

    look_first: timedelta = timedelta(seconds=1)
    look_last: timedelta = timedelta(seconds=10)
    retries: int = Field(default=3, ge=0, le=20)
    retry_gap: timedelta = timedelta(seconds=5)
    acts_per_look: int = Field(default=100, ge=1, le=1000)
    reports: Path = Path("var/reports")
