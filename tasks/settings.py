"""How often runs look, and how much they show."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from fleet.text.settings import Settings


class RunSettings(Settings):
    """MUSTER_… in the environment or .env.

    While nothing changes, the gap between looks grows from `look_first` to `look_last`; a retired
    device is looked at every `watch_gap`. `night_rules` is the file that says what nights do;
    `night_zone` the time zone of their reports, and `nights_kept` how long they are remembered.
    """

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    look_first: timedelta = Field(default=timedelta(seconds=1), ge=timedelta(milliseconds=10))
    look_last: timedelta = timedelta(seconds=10)
    doubt: timedelta = Field(default=timedelta(seconds=60), ge=timedelta())
    retries: int = Field(default=3, ge=0, le=20)
    retry_gap: timedelta = Field(default=timedelta(seconds=5), ge=timedelta())
    watch_gap: timedelta = Field(default=timedelta(minutes=1), ge=timedelta())
    acts_per_look: int = Field(default=100, ge=1, le=1000)
    reports: Path = Path("var/reports")
    night_rules: Path | None = None
    night_zone: str = "UTC"
    nights_kept: timedelta = Field(default=timedelta(days=400), ge=timedelta(days=31))

    @field_validator("look_last")
    @classmethod
    def _not_below_first(cls, last: timedelta, info: ValidationInfo) -> timedelta:
        if last < info.data.get("look_first", last):
            raise PydanticCustomError("look_last", "Input should not be less than look_first")
        return last

    @field_validator("night_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise PydanticCustomError(
                "night_zone", "Input should be the name of a time zone, such as Europe/Vienna"
            ) from None
