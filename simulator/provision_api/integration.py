"""Webhook integrations and the routes to them, which upstream calls legacy."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from simulator.provision_api.device import Named
from simulator.provision_api.instant import iso


def _open_only(_: list[str] | None) -> list[str]:
    # Whatever else is asked for is dropped, what is doubled is there once, and nothing means OPEN.
    return ["OPEN"]


class NewIntegration(BaseModel):
    """What an admin posts to make an integration."""

    tenant_id: Named
    name: Named
    url: Annotated[Named, AfterValidator(str.strip)]
    headers: dict[str, Any] = {}
    enabled: bool = True


class NewRoute(BaseModel):
    """What an admin posts to make a route."""

    tenant_id: Named
    integration_id: UUID
    name: Named
    enabled: bool = True
    min_severity: int | None = None
    alert_types: list[str] | None = None
    site_ids: list[str] | None = None
    device_prefixes: list[str] | None = None
    deliver_on: Annotated[list[str] | None, AfterValidator(_open_only)] = Field(
        default=None, validate_default=True
    )
    priority: int = 100


@dataclass(slots=True)
class Integration:
    """One integration. Its headers may be secret and nothing is sent: only names are stored."""

    tenant_id: str
    integration_id: str
    name: str
    enabled: bool
    url: str
    created_at: int
    header_names: list[str]

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one integration; its name does not."""
        return self.tenant_id, self.integration_id

    def shape(self) -> dict[str, Any]:
        """The reply to the call that made it, and the element of the list."""
        return {
            "tenant_id": self.tenant_id,
            "integration_id": self.integration_id,
            "name": self.name,
            "type": "webhook",
            "enabled": self.enabled,
            "url": self.url,
            "created_at": iso(self.created_at),
        }


@dataclass(slots=True)
class Route:
    """One route; `terms` are what was posted."""

    tenant_id: str
    route_id: str
    integration_id: str
    enabled: bool
    priority: int
    created_at: int
    terms: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one route."""
        return self.tenant_id, self.route_id

    def shape(self) -> dict[str, Any]:
        """The reply to the call that made it, and the element of the list."""
        return {**self.terms, "route_id": self.route_id, "created_at": iso(self.created_at)}


def integration_of(new: NewIntegration, number: str, now: int) -> Integration:
    """The integration made of what was posted."""
    return Integration(
        tenant_id=new.tenant_id,
        integration_id=number,
        name=new.name,
        enabled=new.enabled,
        url=new.url,
        created_at=now,
        header_names=[*new.headers],
    )


def route_of(new: NewRoute, number: str, now: int) -> Route:
    """The route made of what was posted."""
    return Route(
        tenant_id=new.tenant_id,
        route_id=number,
        integration_id=str(new.integration_id),
        enabled=new.enabled,
        priority=new.priority,
        created_at=now,
        terms=new.model_dump(mode="json"),
    )
