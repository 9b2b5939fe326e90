"""The registry's rules: how devices are registered, activated, revoked and given new tokens."""

import asyncio
from collections import Counter

from simulator.clock import Clock
from simulator.hashing import hashed
from simulator.provision_api.database import Tables
from simulator.provision_api.device import ACTIVE, REVOKED, Device, NewDevice, Wanted
from simulator.provision_api.secret import ActivationCode, PastToken
from simulator.provision_api.settings import ProvisionApiSettings
from simulator.provision_api.storable import as_stored
from simulator.replies import Refused


class Registry:
    """The devices of all tenants, with their codes and tokens."""

    def __init__(self, tables: Tables, clock: Clock, settings: ProvisionApiSettings) -> None:
        self._tables, self._clock = tables, clock
        self._code_lives = round(settings.code_minutes * 60_000)
        self._gap = settings.activation_gap_seconds
        self.registrations: Counter[str] = Counter()
        self.activations: Counter[str] = Counter()

    def register(self, new: NewDevice) -> tuple[str, int]:
        """Register a device, for the first time or again; returns a new code and its expiry.

        A device that was revoked is active again, its metadata is what is posted now, and
        its earlier codes and token stay valid.
        """
        self._tables.connect_for(
            new.tenant_id, new.device_id, new.site_id, new.fw_version, new.metadata
        )
        now = self._clock.now()
        known = self._tables.devices.get((new.tenant_id, new.device_id))
        device = known or Device(new.tenant_id, new.device_id, new.site_id, ACTIVE, now)
        device.site_id, device.status = new.site_id, ACTIVE
        device.metadata = as_stored(new.metadata)
        device.fw_version = device.fw_version if new.fw_version is None else new.fw_version
        self._tables.devices.put(device)
        self.registrations["/".join(device.key)] += 1
        return self._hand_out_code(device, now)

    def devices(self, wanted: Wanted, limit: int) -> list[Device]:
        """The devices that are wanted, by tenant, site and name, at most `limit`."""
        self._tables.connect_to_list(wanted.tenant_id, wanted.site_id, wanted.status)
        found = (device for device in self._tables.devices if wanted.matches(device))
        return sorted(found, key=lambda device: device.order)[:limit]

    def revoke(self, tenant: str, device_id: str) -> None:
        """Revoke a device, if there is one; its codes and its token are left as they are."""
        self._tables.connect(tenant, device_id)
        device = self._tables.devices.get((tenant, device_id))
        if device:
            self._tables.connect_unmigrated("a constraint forbids REVOKED")
            device.status = REVOKED
            self._tables.devices.put(device)

    def set_status(self, tenant: str, device_id: str, status: str) -> None:
        """Give a device, if there is one, a status that no call gives it."""
        device = self._tables.devices.get((tenant, device_id))
        if device:
            device.status = status
            self._tables.devices.put(device)

    def rotate(self, tenant: str, device_id: str) -> str:
        """A new token for a device, whatever its status, and even if there is no such device."""
        self._tables.connect(tenant, device_id)
        now = self._clock.now()
        for past in self._tables.tokens:
            if (past.tenant_id, past.device_id, past.revoked_at) == (tenant, device_id, None):
                past.revoked_at, past.reason = now, "ROTATED"
                self._tables.tokens.put(past)
        return self._hand_out_token(tenant, device_id, now)

    async def activate(self, tenant: str, device_id: str, code: str) -> str:
        """The token that `code` is worth; with a gap, it may be spent more than once."""
        now = self._clock.now()
        found = self._valid_code((tenant, device_id, hashed(code)), now)
        if self._gap:
            await asyncio.sleep(self._gap)
        return self._spend(found, now)

    def activate_at_once(self, code: tuple[str, str, str], now: int) -> str:
        """The token that a code was worth at `now`, with no other call in between."""
        return self._spend(self._valid_code(code, now), now)

    def _valid_code(self, key: tuple[str, str, str], now: int) -> ActivationCode:
        self._tables.connect(*key)
        code = self._tables.codes.get(key)
        if code is None:
            raise Refused(400, "Invalid activation code")
        if code.used_at is not None:
            raise Refused(400, "Activation code already used")
        if now > code.expires_at:
            raise Refused(400, "Activation code expired")
        return code

    def _spend(self, code: ActivationCode, now: int) -> str:
        code.used_at = now
        self._tables.codes.put(code)
        self.activations[f"{code.tenant_id}/{code.device_id}"] += 1
        device = self._tables.devices.get((code.tenant_id, code.device_id))
        if device:
            device.status = ACTIVE
        return self._hand_out_token(code.tenant_id, code.device_id, now)

    def _hand_out_code(self, device: Device, now: int) -> tuple[str, int]:
        code, expires_at = self._tables.new_code(), now + self._code_lives
        self._tables.codes.put(
            ActivationCode(*device.key, hashed(code), device.site_id, now, expires_at)
        )
        return code, expires_at

    def _hand_out_token(self, tenant: str, device_id: str, now: int) -> str:
        token = self._tables.new_token()
        self._tables.tokens.put(PastToken(tenant, device_id, hashed(token), now))
        device = self._tables.devices.get((tenant, device_id))
        if device:
            device.token_hash = hashed(token)
            self._tables.devices.put(device)
        return token
