"""One provision_api: its registry, its webhooks, the limit on its admins, and its devices."""

from secrets import compare_digest
from typing import Any

from simulator.agenda import Agenda
from simulator.clock import Clock
from simulator.provision_api.booting import Booting
from simulator.provision_api.database import Tables
from simulator.provision_api.rate_limit import RateLimit
from simulator.provision_api.registry import Registry
from simulator.provision_api.settings import ProvisionApiSettings
from simulator.provision_api.webhooks import Webhooks
from simulator.replies import Refused
from simulator.store import Store


class ProvisionApi:
    """The whole service, assembled."""

    def __init__(
        self, settings: ProvisionApiSettings, seed: int, clock: Clock, agenda: Agenda, store: Store
    ) -> None:
        self.settings, self._clock = settings, clock
        self.tables = Tables(store, seed, settings)
        self.registry = Registry(self.tables, clock, settings)
        self.webhooks = Webhooks(self.tables, clock)
        self.booting = Booting(self.tables, self.registry, agenda)
        self._limit = RateLimit(settings)

    def admit(self, address: str, key: str | None) -> None:
        """Check an admin's key. The limit comes first: wrong keys use up the right one's share."""
        self._limit.admit(address, self.now())
        if key is None or not compare_digest(key.encode(), self.settings.admin_key.encode()):
            raise Refused(401, "Unauthorized")

    def effects(self) -> dict[str, Any]:
        """What was done, by `tenant/device`."""
        registry = self.registry
        return {
            "registrations": {**registry.registrations},
            "activations": {**registry.activations},
        }

    def forget_effects(self) -> None:
        """Start counting from zero."""
        self.registry.registrations.clear()
        self.registry.activations.clear()

    def now(self) -> int:
        """The simulated time."""
        return self._clock.now()
