"""How each remote system is reached: its address, credential, TLS and timeout."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, Field, FilePath, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from fleet.quota import Quota
from fleet.text.settings import Settings


def _stripped(secret: SecretStr) -> SecretStr:
    """`secret` as a header can carry it, without the line end that a file or a paste adds."""
    text = secret.get_secret_value().strip()
    if not (text and text.isascii() and text.isprintable()):
        raise PydanticCustomError("credential", "Input should be printable ASCII characters")
    return SecretStr(text)


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


Credential = Annotated[SecretStr, AfterValidator(_stripped)]
OptionalCredential = Annotated[Credential | None, BeforeValidator(_none_if_empty)]
# Not env_ignore_empty: an empty variable would then let through what .env names.
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
        """How many calls the system lets through, as far as that is known."""
        if not self.quota_calls:
            return None
        return Quota(self.quota_calls, timedelta(seconds=self.quota_seconds))


class LemSettings(SystemSettings):
    """One LEM project, from LEM_… in the environment or .env."""

    model_config = SettingsConfigDict(env_prefix="LEM_")

    url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8020")
    project: str = Field(default="462j1mq70mph31wa100t1yuxa", pattern=r"^[A-Za-z0-9_-]+$")
    token: Credential = SecretStr("NotASecret0TokenOfASimulatedLEM0")
    auth: Literal["header", "basic"] = "header"


class AcusightSettings(SystemSettings):
    """One Acusight organization, from ACUSIGHT_…; `token` is the JWT of a user of it.

    `organization` is what the ledger calls it: two of them need two names. `provisioning_token` is
    used instead of making one. `url` ends where the documented paths begin, as in https://acusight.io/api.
    """

    model_config = SettingsConfigDict(env_prefix="ACUSIGHT_")

    url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8020/acusight/api")
    organization: str = Field(default="acusight", min_length=1)
    provisioning_token: OptionalCredential = None
    token: Credential = SecretStr(
        "NotASecret0Header.NotASecret0ClaimsOfASimulatedAcusight.NotASecret0Signature"
    )


class ProvisionApiSettings(SystemSettings):
    """One tenant of one provision_api, from PROVISION_API_…; `admin_key` is its ADMIN_KEY."""

    model_config = SettingsConfigDict(env_prefix="PROVISION_API_")

    url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8020/provision")
    tenant: str = Field(default="tenant-a", min_length=1)
    quota_calls: int = Field(default=10, ge=0)  # an administrator's, from one address
    code_minutes: float = Field(default=60, gt=0)  # its ACTIVATION_TTL_MINUTES
    admin_key: Credential = SecretStr("NotASecret0AdminKeyOfASimulatedProvisionApi0")
