"""One Acusight: its rules about provisioning tokens and the devices that use them."""

from collections import Counter
from typing import Any
from uuid import UUID

from simulator.acusight.booting import Booting
from simulator.acusight.device import Change, Device
from simulator.acusight.provisioning import Provisioning
from simulator.acusight.provisioning_token import NewToken, ProvisioningToken, token_of
from simulator.acusight.records import Records
from simulator.acusight.settings import AcusightSettings
from simulator.agenda import Agenda
from simulator.clock import Clock
from simulator.hashing import hashed
from simulator.replies import Refused
from simulator.store import Store


class Acusight:
    """What Acusight does when it is asked. Each method is one call's work, with its rules."""

    def __init__(
        self, settings: AcusightSettings, seed: int, clock: Clock, agenda: Agenda, store: Store
    ) -> None:
        self.settings, self._clock = settings, clock
        self.records = Records(store, seed)
        self.provisioning = Provisioning(self.records, settings)
        self.booting = Booting(self.records, self.provisioning, agenda)
        self.tokens_made: Counter[str] = Counter()

    def make_token(self, new: NewToken) -> tuple[ProvisioningToken, str]:
        """Make a token; its raw form is returned this once."""
        days = new.expires_in_days
        if days is not None and days < 1 and self.settings.days_below_one == "refused":
            raise Refused(400, "expires_in_days: less than one")
        raw = self.records.secret("apt_")
        token = token_of(new, self.records.uuid(), hashed(raw), self.now())
        self.records.add_token(token)
        self.tokens_made[token.name] += 1
        return token, raw

    def tokens(self) -> list[ProvisioningToken]:
        """Every token, newest first."""
        return list(self.records.tokens)[::-1]

    def revoke(self, number: str) -> ProvisioningToken:
        """Revoke a token, once; devices that used it stay."""
        token = self.records.tokens.get(_uuid(number))
        if token is None:
            raise Refused(404, "no token has this id")
        if token.revoked_at is not None:
            raise Refused(400, "the token is already revoked")
        token.revoked_at = self.now()
        self.records.tokens.put(token)
        return token

    def device(self, device_id: str) -> Device:
        """One device."""
        device = self.records.devices.get(device_id)
        if device is None:
            raise Refused(404, "no device has this id")
        return device

    def change(self, device: Device, wanted: Change) -> None:
        """Change a device as a user wants it."""
        device.change(wanted)
        self.records.devices.put(device)

    def organization(self) -> dict[str, Any]:
        """The one organization that there is."""
        name = self.settings.organization_name
        slug = "-".join(name.lower().split())
        return {"id": self.settings.organization_id, "name": name, "slug": slug}

    def shape(self, device: Device) -> dict[str, Any]:
        """What a device reads about itself."""
        return device.shape(self.settings.organization_id, self.now())

    def hear(self, device: Device, health: str | None) -> list[dict[str, Any]]:
        """Note a device's call; returns what it is to do."""
        actions = device.seen(health, self.now())
        self.records.devices.put(device)
        return actions

    def order(self, device: Device, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Give a device something to do at its next call."""
        number = self.records.number()
        named = number if self.settings.action_id == "integer" else f"act_{number}"
        action = {"id": named, "type": kind, "payload": payload}
        device.actions.append(action)
        self.records.devices.put(device)
        return action

    def effects(self) -> dict[str, Any]:
        """What was done, by the device's id and the token's name."""
        return {"provisions": {**self.provisioning.done}, "tokens_made": {**self.tokens_made}}

    def forget_effects(self) -> None:
        """Start counting from zero."""
        self.provisioning.done.clear()
        self.tokens_made.clear()

    def now(self) -> int:
        """The simulated time."""
        return self._clock.now()


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Refused(400, "the id is not a UUID") from error
