"""The settings of runs: gaps between observations, outcome timeout, retries, reports, nights."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode, SettingsConfigDict

from fleet.text.settings import Settings


class RunSettings(Settings):
    """MUSTER_… in the environment or .env.

    While nothing changes, the gap between observations grows from `observe_gap_min` to
    `observe_gap_max`; a retired device is observed every `watch_gap`. A call that was not answered
    may still take effect until `outcome_timeout` has passed. Failed provisioning is retried
    `retries` times, with gaps that grow from `retry_gap`. A large site shares task runs: at most
    `task_runs_per_round` of a kind. `night_rules` is the file that says what nights do,
    `night_zone` the time zone of their reports, `night_history` how long their counts are stored.
    `journal_history` is how long the ledger has what was tried and held, `secret_history` secrets
    that are of no use any more, `decision_history` decisions, which are then archived;
    `report_history` is how long report files are stored.
    Webhooks may lead to `integration_hosts` alone, or anywhere where none is named.
    """

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    observe_gap_min: timedelta = Field(default=timedelta(seconds=1), ge=timedelta(milliseconds=10))
    observe_gap_max: timedelta = timedelta(seconds=10)
    outcome_timeout: timedelta = Field(default=timedelta(seconds=60), ge=timedelta())
    retries: int = Field(default=3, ge=0, le=20)
    retry_gap: timedelta = Field(default=timedelta(seconds=5), ge=timedelta())
    watch_gap: timedelta = Field(default=timedelta(minutes=1), ge=timedelta())
    task_runs_per_round: int = Field(default=100, ge=1, le=1000)
    reports: Path = Path("var/reports")
    night_rules: Path | None = None
    night_zone: str = "UTC"
    integration_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    night_history: timedelta = Field(default=timedelta(days=400), ge=timedelta(days=31))
    journal_history: timedelta = Field(default=timedelta(days=400), ge=timedelta(days=31))
    secret_history: timedelta = Field(default=timedelta(days=400), ge=timedelta(days=31))
    decision_history: timedelta = Field(default=timedelta(days=730), ge=timedelta(days=31))
    report_history: timedelta = Field(default=timedelta(days=400), ge=timedelta(days=31))

    @field_validator("observe_gap_max")
    @classmethod
    def _not_below_first(cls, last: timedelta, info: ValidationInfo) -> timedelta:
        if last < info.data.get("observe_gap_min", last):
            raise PydanticCustomError(
                "observe_gap_max", "Input should not be less than MUSTER_OBSERVE_GAP_MIN"
            )
        return last

    @field_validator("integration_hosts", mode="before")
    @classmethod
    def _by_commas(cls, written: object) -> object:
        return written.lower().replace(",", " ").split() if isinstance(written, str) else written

    @field_validator("night_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise PydanticCustomError(
                "night_zone", "Input should be the name of a time zone, such as Europe/Vienna"
            ) from None
