"""A device that was switched on: its identity, how it behaves, and the order that boots it."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from simulator.draw import fraction, word

HEX = "0123456789abcdef"
VERSION = "3.5.4"
LATE = 20.0
OTHER_MACHINE = "deadbeefdead"  # the host id of whoever takes the place of a device

Behavior = Literal[
    "prompt",
    "late",
    "never",
    "twice",
    "extra-mac",
    "unknown-device",
    "fails-once",
    "fails-always",
    "stuck-approved",
    "approval-ignored",
    "zero-touch",
    "swapped-once-listed",
    "swapped-once-approved",
]


class DeviceOrder(BaseModel, extra="forbid"):
    """One device to switch on; what its identity leaves out is drawn from seed and name."""

    name: str
    host_id: str | None = None
    macs: list[str] = []
    behavior: Behavior = "prompt"
    after: float | None = Field(default=None, ge=0, description="seconds until it first asks")
    code: str | None = None
    own_code: bool = False
    profile: str | None = None
    version: str | None = None


class BootOrder(BaseModel, extra="forbid"):
    """Devices to switch on in one project."""

    project: str | None = None
    seed: int | None = None
    boot_seconds: tuple[float, float] = (0.0, 0.0)
    devices: list[DeviceOrder]

    @model_validator(mode="after")
    def _seconds_in_order(self) -> "BootOrder":
        low, high = self.boot_seconds
        if not 0 <= low <= high:
            raise ValueError("boot_seconds are the least and the most, and not negative")
        return self


@dataclass(slots=True)
class BootedDevice:
    """A device that is on. `asks_at` is None while it has no reason to ask."""

    project: str
    name: str
    host_id: str
    macs: list[str]
    behavior: Behavior
    version: str
    asks_at: int | None
    code: str | None = None
    own_code: bool = False
    own: str | None = None
    profile: str | None = None
    entries: list[int] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one device: booting it again changes nothing."""
        return self.project, self.name

    @property
    def pretty_name(self) -> str:
        """What LEM's pages call it."""
        return f"Litmus Edge ({self.macs[0]})- {self.name}"


def switched_on(order: DeviceOrder, boot: BootOrder, seed: int, now: int) -> BootedDevice:
    """The device that `order` of `boot` describes, a moment after its power came on."""
    host_id = order.host_id or word(HEX, 12, seed, order.name, "host")
    macs = order.macs or [mac(seed, order.name, "first"), mac(seed, order.name, "second")]
    if order.behavior == "extra-mac":
        macs = [*macs, mac(seed, order.name, "extra")]
    delay = round(_delay(order, boot, seed) * 1000)
    return BootedDevice(
        project=boot.project or "",
        name=order.name,
        host_id=host_id,
        macs=macs,
        behavior=order.behavior,
        version=order.version or VERSION,
        asks_at=None if order.behavior == "never" else now + delay,
        code=order.code,
        own_code=order.own_code,
        profile=order.profile,
    )


def mac(*words: object) -> str:
    """A MAC address, locally administered so that no real device has it."""
    digits = "02" + word(HEX, 10, *words)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _delay(order: DeviceOrder, boot: BootOrder, seed: int) -> float:
    if order.after is not None:
        return order.after
    low, high = boot.boot_seconds
    drawn = low + (high - low) * fraction(seed, order.name, "boot")
    return drawn + LATE if order.behavior == "late" else drawn
