"""The few rules about integrations and routes."""

from simulator.clock import Clock
from simulator.provision_api.database import DatabaseTrouble, Tables
from simulator.provision_api.integration import (
    Integration,
    NewIntegration,
    NewRoute,
    Route,
    integration_of,
    route_of,
)


class Webhooks:
    """The integrations of all tenants and their routes."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables, self._clock = tables, clock

    def add(self, new: NewIntegration) -> Integration:
        """Make an integration; a second of the same name is another one."""
        self._tables.connect_integrations(new.tenant_id, new.name, new.url, new.headers)
        made = integration_of(new, self._tables.new_uuid(), self._clock.now())
        self._tables.integrations.put(made)
        return made

    def add_route(self, new: NewRoute) -> Route:
        """Make a route to an integration of the same tenant."""
        self._tables.connect_integrations(*new.model_dump(exclude={"integration_id"}).values())
        if (new.tenant_id, str(new.integration_id)) not in self._tables.integrations:
            raise DatabaseTrouble("a foreign key wants the tenant's integration")
        made = route_of(new, self._tables.new_uuid(), self._clock.now())
        self._tables.routes.put(made)
        return made

    def listed(self, tenant: str | None, enabled: bool | None) -> list[Integration]:
        """Integrations, newest first; an empty tenant is none."""
        self._tables.connect_integrations(tenant)
        found = [
            one
            for one in self._tables.integrations
            if tenant in (None, "", one.tenant_id) and enabled in (None, one.enabled)
        ]
        return found[::-1]

    def routes_listed(
        self, tenant: str | None, integration: str | None, enabled: bool | None
    ) -> list[Route]:
        """Routes by priority, the newest of each first; an empty tenant is none."""
        self._tables.connect_integrations(tenant)
        found = [
            one
            for one in self._tables.routes
            if tenant in (None, "", one.tenant_id)
            and integration in (None, one.integration_id)
            and enabled in (None, one.enabled)
        ]
        found.reverse()
        return sorted(found, key=lambda route: route.priority)
