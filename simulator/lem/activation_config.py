"""An activation config: a code for so many devices and so long, and its two shapes."""

from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

CODE = r"^[A-Z0-9]{5}(-[A-Z0-9]{5}){4}$"


def _writable(options: dict[str, Any]) -> dict[str, Any]:
    try:
        orjson.dumps(options)
    except TypeError as error:  # it holds a number that no reader of JSON expects
        raise ValueError(str(error)) from None
    return options


Int = Annotated[int, Field(ge=-(2**31), lt=2**31)]  # as Java has it
Options = Annotated[dict[str, Any], AfterValidator(_writable)]


class NewConfig(BaseModel):
    """What a client posts to have a config made."""

    model_config = ConfigDict(strict=True, alias_generator=to_camel)

    project_id: str
    code: str | None = Field(default=None, pattern=CODE)
    expires_at: int = Field(ge=0, lt=2**63)
    device_count: int = Field(ge=1, lt=2**31)
    lease_ttl: Int = 365
    license_skus: list[str] = []
    template_names: list[str] = []
    license_type: str = "NODE_LOCKED"
    license_server_host: str | None = None
    license_server_port: Int = 0
    options: Options = {"DEFAULT_PASSWORD_POLICY": False}
    wg_persistent_keepalive: Int | None = None


@dataclass(slots=True)
class ActivationConfig:
    """One config as LEM stores it. `terms` are the same in both shapes, in the wire's words."""

    project: str
    code: str
    expires_at: int
    device_count: int
    created_on: int
    terms: dict[str, Any]
    license_skus: list[str]
    usages: list[str] = field(default_factory=list)
    zero_touch: bool = False

    @property
    def full(self) -> bool:
        """Whether no further device can be admitted by it."""
        return len(self.usages) >= self.device_count

    def usable(self, now: int) -> bool:
        """Whether a device may still ask by it."""
        return now < self.expires_at and not self.full

    def added(self) -> dict[str, Any]:
        """The reply to the call that made it, which knows no creation time yet."""
        return {**self._common(), "createdOn": None, "licenseSkus": self.license_skus}

    def listed(self) -> dict[str, Any]:
        """The element of the list, and the config found by its code."""
        keys = [f"FAKE-LICENSE-{self.code[:5]}-{sku}" for sku in self.license_skus]
        return {
            **self._common(),
            "createdOn": self.created_on,
            "licenseKeys": keys,
            "firstUnusedLicense": next(iter(keys[len(self.usages) :]), None),
        }

    def _common(self) -> dict[str, Any]:
        return {
            "projectId": self.project,
            "code": self.code,
            "expiresAt": self.expires_at,
            "deviceCount": self.device_count,
            "usageCount": len(self.usages),
            "usages": self.usages,
            **self.terms,
        }


def made_of(new: NewConfig, code: str, now: int) -> ActivationConfig:
    """The config LEM makes of what was posted; the license server's port is not stored."""
    terms = {
        "templateNames": new.template_names,
        "leaseTtl": new.lease_ttl,
        "licenseType": new.license_type,
        "licenseServerHost": new.license_server_host,
        "licenseServerPort": 0,
        "options": new.options,
        "wgPersistentKeepalive": new.wg_persistent_keepalive,
    }
    return ActivationConfig(
        project=new.project_id,
        code=code,
        expires_at=new.expires_at,
        device_count=new.device_count,
        created_on=now,
        terms=terms,
        license_skus=new.license_skus,
    )
