"""Where the ledger is, and the key that seals its secrets."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from fleet.text.settings import Settings


class LedgerSettings(Settings):
    """MUSTER_LEDGER_… in the environment or .env: any SQLAlchemy URL; a file under var/ by default.

    A run that stops renewing its claims loses them after `lease`. A run whose ledger is away waits
    for it for `wait_limit`. `key` seals secrets; without it, the key in `key_file` does, and that
    file is made if there is none. Of several keys (separated by commas or spaces) the first one
    seals and each of them opens. Old decisions are moved to files in `archive`.
    """

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_LEDGER_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,  # the URL may hold a password
    )

    url: str = "sqlite:///var/ledger.db"
    lease: timedelta = Field(default=timedelta(seconds=15), ge=timedelta(seconds=1))
    wait_limit: timedelta = Field(default=timedelta(minutes=30), ge=timedelta())
    key: SecretStr | None = None
    key_file: Path = Path("var/ledger.key")
    archive: Path = Path("var/decisions")
