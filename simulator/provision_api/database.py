"""What provision_api stores: its tables, and what each kind of database cannot do."""

from operator import attrgetter
from uuid import UUID

from simulator.draw import word
from simulator.provision_api.booted_device import BootedDevice
from simulator.provision_api.device import Device
from simulator.provision_api.integration import Integration, Route
from simulator.provision_api.secret import ActivationCode, PastToken, new_code, new_token
from simulator.provision_api.settings import Database, ProvisionApiSettings
from simulator.provision_api.storable import refusal
from simulator.replies import Refused
from simulator.store import Shelf, Store

HEX = "0123456789abcdef"
MIGRATED: tuple[Database, ...] = ("migrated", "patched")


class DatabaseTrouble(Refused):
    """The database did not do what it was asked; the caller reads a plain 500."""

    def __init__(self, reason: str) -> None:
        super().__init__(500, reason)


class Tables:
    """The tables of one provision_api, and beside them the devices that were switched on."""

    def __init__(self, store: Store, seed: int, settings: ProvisionApiSettings) -> None:
        self._seed, self._settings = seed, settings
        self.is_now: Database = "down"
        self.was_up = False
        self.become(settings.database)
        key = attrgetter("key")
        self.devices = Shelf(store, "provision-device", Device, key=key)
        self.codes = Shelf(store, "provision-code", ActivationCode, key=key)
        self.tokens = Shelf(store, "provision-token", PastToken, key=key)
        self.integrations = Shelf(store, "provision-integration", Integration, key=key)
        self.routes = Shelf(store, "provision-route", Route, key=key)
        self.booted = Shelf(store, "provision-booted", BootedDevice, key=key)

    def become(self, database: Database) -> None:
        """Take the database down, bring it up, or migrate it; its rows stay."""
        self.is_now = database
        self.was_up = self.was_up or database != "down"

    def connect(self, *values: object) -> None:
        """Do nothing; or fail when the database is down, or refuses one of `values`."""
        if self.is_now == "down":
            raise DatabaseTrouble("the database is down")
        for reason in filter(None, map(refusal, values)):
            raise DatabaseTrouble(reason)

    def connect_unmigrated(self, reason: str, *values: object) -> None:
        """The same; fail for `reason` when the database was migrated."""
        self.connect(*values)
        if self.is_now in MIGRATED:
            raise DatabaseTrouble(reason)

    def connect_to_list(self, *values: object) -> None:
        """The same; fail when the database lacks a column that the list reads."""
        self.connect(*values)
        if self.is_now == "migrated":
            raise DatabaseTrouble("migrations leave out provisioned_at")

    def connect_for(self, tenant: str, *values: object) -> None:
        """The same; fail when `tenant` cannot have rows."""
        self.connect(tenant, *values)
        if self.is_now in MIGRATED and tenant not in self._settings.tenants:
            raise DatabaseTrouble("a foreign key wants the tenant")

    def connect_integrations(self, *values: object) -> None:
        """The same; fail when the two tables of integrations are missing."""
        self.connect_unmigrated("migrations drop the tables of integrations", *values)
        if not self._settings.integration_tables:
            raise DatabaseTrouble("there are no tables of integrations")

    def new_code(self) -> str:
        """A code that was never used."""
        return new_code(self._seed, len(self.codes))

    def new_token(self) -> str:
        """A token that was never used."""
        return new_token(self._seed, len(self.tokens))

    def new_uuid(self) -> str:
        """A number for an integration or a route."""
        made = len(self.integrations) + len(self.routes)
        return str(UUID(word(HEX, 32, self._seed, "integration", made), version=4))
