"""How one Acusight organization is reached: ACUSIGHT_… in the environment or .env."""

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from systems.shared.settings import SIMULATOR, Credential, OptionalCredential, SystemSettings


class AcusightSettings(SystemSettings):
    """One Acusight organization, from ACUSIGHT_…; `token` is the JWT of a user of it.

    `organization` is its name in the ledger: two of them need two names. `provisioning_token` is
    used instead of making one. `url` ends where the documented paths begin, as in https://acusight.io/api.
    """

    model_config = SettingsConfigDict(env_prefix="ACUSIGHT_")

    url: AnyHttpUrl = AnyHttpUrl(f"{SIMULATOR}/acusight/api")
    organization: str = Field(default="acusight", min_length=1)
    provisioning_token: OptionalCredential = None
    token: Credential = SecretStr(
        "NotASecret0Header.NotASecret0ClaimsOfASimulatedAcusight.NotASecret0Signature"
    )
