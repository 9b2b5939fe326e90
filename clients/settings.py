"""How each remote system is reached: its address, credential, TLS and timeout."""

from typing import Literal

from pydantic import AnyHttpUrl, Field, FilePath, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class LemSettings(BaseSettings):
    """One LEM project, from LEM_… in the environment or .env; the defaults are the simulator's."""

    model_config = SettingsConfigDict(env_prefix="LEM_", env_file=".env", extra="ignore")

    url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8020")
    project: str = Field(default="462j1mq70mph31wa100t1yuxa", pattern=r"^[A-Za-z0-9_-]+$")
    token: SecretStr = SecretStr("NotASecret0TokenOfASimulatedLEM0")
    auth: Literal["header", "basic"] = "header"
    ca_file: FilePath | None = None
    verify: bool = True
    timeout_seconds: float = Field(default=30, gt=0)
    concurrency: int = Field(default=16, ge=1, le=256)
