"""How one tenant of a provision_api is reached: PROVISION_API_… in the environment or .env."""

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from systems.shared.settings import SIMULATOR, Credential, SystemSettings


class ProvisionApiSettings(SystemSettings):
    """One tenant of one provision_api, from PROVISION_API_…; `admin_key` is its ADMIN_KEY."""

    model_config = SettingsConfigDict(env_prefix="PROVISION_API_")

    url: AnyHttpUrl = AnyHttpUrl(f"{SIMULATOR}/provision")
    tenant: str = Field(default="tenant-a", min_length=1)
    quota_calls: int = Field(default=10, ge=0)  # an administrator's, from one address
    code_minutes: float = Field(default=60, gt=0)  # its ACTIVATION_TTL_MINUTES
    admin_key: Credential = SecretStr("NotASecret0AdminKeyOfASimulatedProvisionApi0")
