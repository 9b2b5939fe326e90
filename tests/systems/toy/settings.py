"""How one account of a toy system is reached: TOY_… in the environment or .env."""

from pydantic import AnyHttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from systems.shared.settings import Credential, SystemSettings


class ToySettings(SystemSettings):
    """One account of a toy system; every setting has a default."""

    model_config = SettingsConfigDict(env_prefix="TOY_")

    url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8030")
    account: str = "acme"
    token: Credential = SecretStr("NotASecret0TokenOfAToy")
