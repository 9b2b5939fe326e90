"""A device that was switched on with a code, by which it will activate itself."""

from dataclasses import dataclass

from pydantic import BaseModel, Field

from simulator.hashing import hashed
from simulator.provision_api.device import Device
from simulator.provision_api.settings import DEFAULT_TENANT


class DeviceOrder(BaseModel, extra="forbid"):
    """One device to switch on."""

    tenant: str = DEFAULT_TENANT
    device_id: str
    code: str
    after: float = Field(default=0.0, ge=0, description="seconds until it activates itself")


class BootOrder(BaseModel, extra="forbid"):
    """Devices to switch on."""

    devices: list[DeviceOrder]


@dataclass(slots=True)
class BootedDevice:
    """A device that is on. `activates_at` is None once it has tried."""

    tenant: str
    device_id: str
    code_hash: str
    activates_at: int | None
    token_hash: str | None = None
    refusal: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one device."""
        return self.tenant, self.device_id

    def fate(self, registered: Device | None) -> str:
        """What became of it, in a word or two, given its row of the registry."""
        if self.activates_at is not None:
            return "booting"
        if self.refusal:
            return f"refused: {self.refusal}"
        if registered is None or registered.token_hash != self.token_hash:
            return "token replaced"
        return registered.status.lower()


def switched_on(order: DeviceOrder, now: int) -> BootedDevice:
    """The device that `order` describes, a moment after its power came on."""
    at = now + round(order.after * 1000)
    return BootedDevice(order.tenant, order.device_id, hashed(order.code), at)
