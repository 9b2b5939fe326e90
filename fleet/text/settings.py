"""Settings from environment variables and `.env`, whose faults are told by the variable's name."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from fleet.text.expected import ExpectedError

Faults = Sequence[tuple[str, str]]  # fields, each with what is wrong with it

# What a variable is called by now. Its old name is refused: ignored, it would be missed by nobody.
RENAMED: dict[str, str] = {}


class UnusableSettings(ExpectedError):
    """Settings that cannot be used; `faults` say the same field by field."""

    def __init__(self, message: str, faults: Faults = ()) -> None:
        self.faults = tuple(faults)
        super().__init__(message)


class Settings(BaseSettings):
    """What all settings of ours have in common; UnusableSettings when any cannot be used."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise self._unusable(error) from None

    @classmethod
    def variable(cls, field: str) -> str:
        """The variable that says `field`, such as MUSTER_NIGHT_ZONE for `night_zone`."""
        return f"{cls.model_config['env_prefix']}{field}".upper()

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
        """Where values come from, as pydantic has it; an old name of a variable is refused."""
        if old := [*cls._old_names(env_settings), *cls._old_names(dotenv_settings)]:
            told = [f"{name} is now called {RENAMED[name]}. Rename it." for name in old]
            raise UnusableSettings("\n".join(dict.fromkeys(told)))
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @classmethod
    def _old_names(cls, source: PydanticBaseSettingsSource) -> Iterator[str]:
        """The names in `source` that variables of this class once had."""
        said = source.env_vars if isinstance(source, EnvSettingsSource) else {}
        ours = {cls.variable(field) for field in cls.model_fields}
        for old, new in RENAMED.items():
            if new in ours and old.lower() in said:
                yield old
