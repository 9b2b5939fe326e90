"""A device of the registry: what an admin registers, and what the list shows."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, Field

from simulator.provision_api.instant import iso

ACTIVE, REVOKED = "ACTIVE", "REVOKED"
Named = Annotated[str, Field(min_length=1)]


class NewDevice(BaseModel):
    """What an admin posts; other keys are ignored."""

    tenant_id: Named
    device_id: Named
    site_id: Named
    fw_version: str | None = None
    metadata: dict[str, Any] = {}


@dataclass(slots=True)
class Device:
    """One row of the registry."""

    tenant_id: str
    device_id: str
    site_id: str
    status: str
    provisioned_at: int
    token_hash: str | None = None
    fw_version: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one device."""
        return self.tenant_id, self.device_id

    @property
    def order(self) -> tuple[str, str, str]:
        """Its sort key in the list."""
        return self.tenant_id, self.site_id, self.device_id

    def shape(self) -> dict[str, Any]:
        """The element of the list."""
        return {
            "tenant_id": self.tenant_id,
            "device_id": self.device_id,
            "site_id": self.site_id,
            "status": self.status,
            "provisioned_at": iso(self.provisioned_at),
            "fw_version": self.fw_version,
            "token_set": self.token_hash is not None,
        }


class Wanted(BaseModel):
    """Which devices a list is to hold; a filter is exact, case included; an empty one is none."""

    tenant_id: str | None
    site_id: str | None
    status: str | None

    def matches(self, device: Device) -> bool:
        """Whether the list is to hold `device`."""
        asked = (self.tenant_id, self.site_id, self.status)
        there = (device.tenant_id, device.site_id, device.status)
        return all(not want or want == has for want, has in zip(asked, there, strict=True))
