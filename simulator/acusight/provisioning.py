"""How a device provisions itself: what is checked in which order, and what it is given."""

from collections import Counter
from dataclasses import dataclass

from simulator.acusight.device import Device
from simulator.acusight.envelope import RefusedWith
from simulator.acusight.provisioning_token import ProvisioningToken
from simulator.acusight.records import Records
from simulator.acusight.settings import AcusightSettings
from simulator.hashing import hashed


@dataclass(slots=True)
class Provisioned:
    """A new device, and the secrets that only the reply to its call shows."""

    device: Device
    api_key: str
    edge_key: str | None


class Provisioning:
    """The one way in which devices are admitted."""

    def __init__(self, records: Records, settings: AcusightSettings) -> None:
        self._records, self._settings = records, settings
        self.done: Counter[str] = Counter()

    def provision(self, info: dict[str, str], token_hash: str, now: int) -> Provisioned:
        """Make a device of what it says of itself, if its token is good and its id is new."""
        if self._settings.check_order == "duplicate-first":
            self._want_new(info["device_id"])
        token = self._good_token(token_hash, now)
        self._want_new(info["device_id"])
        token.use(now)
        self._records.tokens.put(token)
        self.done[info["device_id"]] += 1
        api_key = self._records.secret("adk_")
        device = self._device(info, token, hashed(api_key), now)
        self._records.add_device(device)
        edge_key = self._records.secret("") if self._settings.portainer else None
        return Provisioned(device, api_key, edge_key)

    def _want_new(self, device_id: str) -> None:
        if device_id in self._records.devices:
            raise RefusedWith(409, "DEVICE_EXISTS", "a device with this id is registered")

    def _good_token(self, token_hash: str, now: int) -> ProvisioningToken:
        token = self._records.token_with(token_hash)
        if token is None:
            raise RefusedWith(401, "INVALID_TOKEN", "there is no such token")
        if token.revoked_at is not None:
            raise RefusedWith(401, self._settings.spent_token, "the token is revoked")
        if token.expired(now):
            raise RefusedWith(401, "TOKEN_EXPIRED", "the token has expired")
        return token

    def _device(
        self, info: dict[str, str], token: ProvisioningToken, key_hash: str, now: int
    ) -> Device:
        wait = self._settings.approval_seconds
        device_id = info["device_id"]
        return Device(
            device_id=device_id,
            name=info["name"] or f"device-{device_id[:12]}",
            info=info,
            token_id=token.id,
            key_hash=key_hash,
            created_at=now,
            approved_from=None if wait is None else now + round(wait * 1000),
            portainer_endpoint_id=self._records.number() if self._settings.portainer else None,
        )
