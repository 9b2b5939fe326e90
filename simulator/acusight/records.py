"""Everything that one Acusight stores: its shelves, and how a secret leads to its owner."""

from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from simulator.acusight.booted_device import BootedDevice
from simulator.acusight.device import Device
from simulator.acusight.provisioning_token import ProvisioningToken
from simulator.draw import word
from simulator.store import Shelf, Store

HEX = "0123456789abcdef"


@dataclass(slots=True)
class Drawn:
    """How many secrets were drawn, so that none is drawn twice even when its owner was deleted."""

    number: int


class Records:
    """The shelves of one Acusight."""

    def __init__(self, store: Store, seed: int) -> None:
        self._seed = seed
        by_id = attrgetter("device_id")
        self.tokens = Shelf(store, "acusight-token", ProvisioningToken, key=attrgetter("id"))
        self.devices = Shelf(store, "acusight-device", Device, key=by_id)
        self.booted = Shelf(store, "acusight-booted", BootedDevice, key=by_id)
        self._drawn = Shelf(store, "acusight-drawn", Drawn, key=lambda _: "drawn")
        self._token_ids = {token.token_hash: token.id for token in self.tokens}
        self._key_owners = {device.key_hash: device.device_id for device in self.devices}

    def token_with(self, token_hash: str) -> ProvisioningToken | None:
        """The token with this digest."""
        return self.tokens.get(self._token_ids.get(token_hash, ""))

    def device_with(self, key_hash: str) -> Device | None:
        """The device with this digest of a key."""
        return self.devices.get(self._key_owners.get(key_hash, ""))

    def add_token(self, token: ProvisioningToken) -> None:
        """Store a new token."""
        self.tokens.put(token)
        self._token_ids[token.token_hash] = token.id

    def add_device(self, device: Device) -> None:
        """Store a new device."""
        self.devices.put(device)
        self._key_owners[device.key_hash] = device.device_id

    def forget(self, device: Device) -> None:
        """Delete a device for good, and its key with it."""
        self.devices.drop(device.device_id)
        del self._key_owners[device.key_hash]

    def number(self) -> int:
        """A number that nothing else has."""
        before = self._drawn.get("drawn")
        number = before.number + 1 if before else 1
        self._drawn.put(Drawn(number))
        return number

    def secret(self, prefix: str) -> str:
        """A secret that was never used."""
        return prefix + word(HEX, 64, self._seed, prefix, self.number())

    def uuid(self) -> str:
        """An id that was never used."""
        return str(UUID(word(HEX, 32, self._seed, "id", self.number()), version=4))
