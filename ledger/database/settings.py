"""Where the ledger is, the key that seals its secrets, and what is beside it."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from fleet.text.settings import Settings

_VAR = Path("var")


@lru_cache(maxsize=16)
def beside(url: str, name: str) -> Path:
    """The file of that name in the folder of a ledger that is a file, and in var/ of any other.

    Of sqlite:////data/ledger.db, the `ledger.key` is /data/ledger.key.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return _VAR / name  # whoever opens the ledger says what is wrong with its address
    is_path = parsed.get_backend_name() == "sqlite" and "uri" not in parsed.query
    if is_path and parsed.database not in {None, "", ":memory:"}:
        return Path(str(parsed.database)).parent / name
    return _VAR / name


def _there_or_beside(url: str, name: str) -> Path:
    """The same, unless there is none and var/ has one, where it was in 0.4.0 and before."""
    found, former = beside(url, name), _VAR / name
    return former if former.exists() and not found.exists() else found


def _key_file(values: dict[str, Any]) -> Path:
    return _there_or_beside(values.get("url", ""), "ledger.key")


def _archive(values: dict[str, Any]) -> Path:
    return _there_or_beside(values.get("url", ""), "decisions")


class LedgerSettings(Settings):
    """MUSTER_LEDGER_… in the environment or .env: any SQLAlchemy URL; a file under var/ by default.

    A run that stops renewing its claims loses them after `lease`. A run whose ledger is away waits
    for it for `wait_limit`. `key` seals secrets; without it, the key in `key_file` does, and that
    file is made if there is none. Of several keys (separated by commas or spaces) the first one
    seals and each of them opens. Old decisions are moved to files in `archive`. Both of these are
    beside the ledger by default.
    """

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_LEDGER_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,  # the URL may hold a password
    )

    url: str = "sqlite:///var/ledger.db"
    key_file: Path = Field(default_factory=_key_file)
    archive: Path = Field(default_factory=_archive)
    lease: timedelta = Field(default=timedelta(seconds=15), ge=timedelta(seconds=1))
    wait_limit: timedelta = Field(default=timedelta(minutes=30), ge=timedelta())
    key: SecretStr | None = None

    @classmethod
    def current(cls) -> Self:
        """As of any settings; what is not set is where it is found now."""
        read = super().current()
        values = {"url": read.url}
        found = {"key_file": _key_file(values), "archive": _archive(values)}
        return read.model_copy(
            update={name: it for name, it in found.items() if name not in read.model_fields_set}
        )
