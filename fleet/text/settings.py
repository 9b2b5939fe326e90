"""Settings from environment variables and `.env`; a fault names its variable."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, cast

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from fleet.text.expected import ExpectedError

Faults = Sequence[tuple[str, str]]  # fields, each with what is wrong with it

# Former names of variables. They are refused: were they ignored, nobody would notice.
RENAMED = {
    "MUSTER_ACTS_PER_LOOK": "MUSTER_TASK_RUNS_PER_ROUND",
    "MUSTER_DOUBT": "MUSTER_OUTCOME_TIMEOUT",
    "MUSTER_LOOK_FIRST": "MUSTER_OBSERVE_GAP_MIN",
    "MUSTER_LOOK_LAST": "MUSTER_OBSERVE_GAP_MAX",
    "MUSTER_NIGHTS_KEPT": "MUSTER_NIGHT_HISTORY",
    "MUSTER_PACE_PATIENCE": "MUSTER_PACE_WAIT_LIMIT",
}


class UnusableSettings(ExpectedError):
    """Settings that cannot be used; `faults` say the same field by field."""

    def __init__(self, message: str, faults: Faults = ()) -> None:
        self.faults = tuple(faults)
        super().__init__(message)


class Settings(BaseSettings):
    """The base of all our settings; they raise UnusableSettings when any cannot be used."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise self._unusable(error) from None

    @classmethod
    def current(cls) -> Self:
        """These settings as the environment has them, read again only once that has changed."""
        environment = _environment()
        read_in, settings = _READ.get(cls, (None, None))
        if read_in != environment:
            settings = cls()
            _READ[cls] = environment, settings
        return cast("Self", settings)

    @classmethod
    def variable(cls, field: str) -> str:
        """The variable that sets `field`, such as MUSTER_NIGHT_ZONE for `night_zone`."""
        return f"{cls.model_config['env_prefix']}{field}".upper()

    @classmethod
    def _has(cls, variable: str) -> bool:
        return variable in map(cls.variable, cls.model_fields)

    @classmethod
    def _unusable(cls, error: ValidationError) -> UnusableSettings:
        faults = [
            (".".join(map(str, each["loc"])), each["msg"])
            for each in error.errors(include_input=False, include_url=False)
        ]
        lines = [f"{cls.variable(field)}: {problem}" for field, problem in faults]
        return UnusableSettings("\n".join(lines), faults)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, as pydantic has it; refuses the old name of a variable."""
        is_set, in_file = _names(env_settings), _names(dotenv_settings)
        ours = {old: new for old, new in RENAMED.items() if cls._has(new)}
        # An old name in the file does no harm where the environment sets the new one.
        refused = [
            old
            for old, new in ours.items()
            if old in is_set or (old in in_file and new not in is_set)
        ]
        if refused:
            lines = [f"{old} is now called {ours[old]}. Rename it." for old in refused]
            raise UnusableSettings("\n".join(lines))
        return init_settings, env_settings, dotenv_settings, file_secret_settings


_Environment = tuple[object, ...]
_READ: dict[type[Settings], tuple[_Environment, Settings]] = {}  # and in which environment


def _environment() -> _Environment:
    """All variables, and which `.env` is where this runs, in which state."""
    folder = Path.cwd()
    try:
        of_file = (folder / ".env").stat()
    except OSError:
        return folder, None, *os.environb.items()
    state = of_file.st_ino, of_file.st_mtime_ns, of_file.st_size
    return folder, state, *os.environb.items()


def _names(source: PydanticBaseSettingsSource) -> set[str]:
    """The names of all variables in the environment or in `.env`."""
    variables = source.env_vars if isinstance(source, EnvSettingsSource) else {}
    return {name.upper() for name in variables}
