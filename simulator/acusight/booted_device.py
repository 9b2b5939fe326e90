"""A device that was switched on with a token, by which it will provision itself."""

from dataclasses import dataclass

from pydantic import BaseModel, Field

from simulator.acusight.device import DeviceInfo
from simulator.hashing import hashed


class DeviceOrder(DeviceInfo, extra="forbid"):
    """One device to switch on."""

    token: str
    after: float = Field(default=0.0, ge=0, description="seconds until it provisions itself")


class BootOrder(BaseModel, extra="forbid"):
    """Devices to switch on."""

    devices: list[DeviceOrder]


@dataclass(slots=True)
class BootedDevice:
    """A device that is on. `provisions_at` is None once it has tried."""

    info: dict[str, str]
    token_hash: str
    provisions_at: int | None
    key_hash: str | None = None
    refusal: str | None = None

    @property
    def device_id(self) -> str:
        """What makes it one device."""
        return self.info["device_id"]


def switched_on(order: DeviceOrder, now: int) -> BootedDevice:
    """The device that `order` describes, a moment after its power came on."""
    info = order.model_dump(exclude={"token", "after"})
    return BootedDevice(info, hashed(order.token), now + round(order.after * 1000))
