"""What the settings of all systems have: address, credential, TLS, timeout, quota."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, Field, FilePath, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from fleet.system.quota import Quota
from fleet.text.settings import Settings


def _stripped(secret: SecretStr) -> SecretStr:
    """`secret` as a header can carry it, without the line end that a file or a paste adds."""
    text = secret.get_secret_value().strip()
    if not (text and text.isascii() and text.isprintable()):
        raise PydanticCustomError("credential", "Input should be printable ASCII characters")
    return SecretStr(text)


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


SIMULATOR = "http://127.0.0.1:8020"  # where it listens by default

Credential = Annotated[SecretStr, AfterValidator(_stripped)]
OptionalCredential = Annotated[Credential | None, BeforeValidator(_none_if_empty)]
# Not env_ignore_empty: an empty variable would then not override what .env names.
CaFile = Annotated[FilePath | None, BeforeValidator(_none_if_empty)]


class SystemSettings(Settings):
    """What every system's settings have; the defaults of all of them lead to the simulator."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    url: AnyHttpUrl
    ca_file: CaFile = None
    ca_pem: str = ""  # the same as text
    verify: bool = True
    timeout_seconds: float = Field(default=30, gt=0)
    concurrency: int = Field(default=16, ge=1, le=256)
    quota_calls: int = Field(default=0, ge=0)  # 0: none is known
    quota_seconds: float = Field(default=60, gt=0)

    @property
    def quota(self) -> Quota | None:
        """How many calls the system accepts, as far as that is known."""
        if not self.quota_calls:
            return None
        return Quota(self.quota_calls, timedelta(seconds=self.quota_seconds))
