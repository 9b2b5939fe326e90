"""How one LEM project is reached: LEM_… in the environment or .env."""

from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from systems.shared.settings import SIMULATOR, Credential, SystemSettings


class LemSettings(SystemSettings):
    """One LEM project, from LEM_… in the environment or .env."""

    model_config = SettingsConfigDict(env_prefix="LEM_")

    url: AnyHttpUrl = AnyHttpUrl(SIMULATOR)
    project: str = Field(default="462j1mq70mph31wa100t1yuxa", pattern=r"^[A-Za-z0-9_-]+$")
    token: Credential = SecretStr("NotASecret0TokenOfASimulatedLEM0")
    auth: Literal["header", "basic"] = "header"
