"""Where the ledger is kept."""

from datetime import timedelta

from pydantic_settings import BaseSettings, SettingsConfigDict


class LedgerSettings(BaseSettings):
    """MUSTER_LEDGER_… in the environment or .env: any SQLAlchemy URL; a file under var/ by default.

    A run that stops renewing its claims loses them after `lease`.
    """

    model_config = SettingsConfigDict(env_prefix="MUSTER_LEDGER_", env_file=".env", extra="ignore")

    url: str = "sqlite:///var/ledger.db"
    lease: timedelta = timedelta(seconds=15)
