"""The calls of provision_api, on the wire."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from simulator.provision_api.access import Admin, Here
from simulator.provision_api.device import NewDevice, Wanted
from simulator.provision_api.instant import iso
from simulator.provision_api.integration import NewIntegration, NewRoute
from simulator.provision_api.secret import Activation
from simulator.replies import Json, Refused

Limit = Annotated[int, Query(ge=1, le=1000)]
# The release of FastAPI that upstream pins reads a body whatever its type is said to be.
router = APIRouter(strict_content_type=False)


@router.get("/health")
async def health() -> Response:
    """Whether the process lives; the database is not asked."""
    return Json({"status": "ok"})


@router.get("/ready")
async def ready(api: Here) -> Response:
    """Whether the database has been there: its connections are made once, and never asked again."""
    if not api.tables.was_up:
        raise Refused(503, "not_ready")
    return Json({"status": "ready"})


@router.post("/api/admin/devices")
async def register(admin: Admin, new: NewDevice) -> Response:
    """Create a device, or bring it back: 200 either way, with a new code."""
    code, expires_at = admin.enter().registry.register(new)
    named = new.model_dump(include={"tenant_id", "device_id", "site_id"})
    return Json({**named, "activation_code": code, "expires_at": iso(expires_at)})


@router.get("/api/admin/devices")
async def list_devices(
    admin: Admin,
    tenant_id: str | None = None,
    site_id: str | None = None,
    status: str | None = None,
    limit: Limit = 200,
) -> Response:
    """The registry: a bare array, without pages."""
    wanted = Wanted(tenant_id=tenant_id, site_id=site_id, status=status)
    return Json([device.shape() for device in admin.enter().registry.devices(wanted, limit)])


@router.post("/api/admin/devices/{tenant_id}/{device_id}/revoke")
async def revoke(admin: Admin, tenant_id: str, device_id: str) -> Response:
    """Revoke a device: 200 even if there is none."""
    admin.enter().registry.revoke(tenant_id, device_id)
    return Json({"ok": True})


@router.post("/api/admin/devices/{tenant_id}/{device_id}/rotate-token")
async def rotate(admin: Admin, tenant_id: str, device_id: str) -> Response:
    """Give a device a new token: 200 even if there is none."""
    token = admin.enter().registry.rotate(tenant_id, device_id)
    named = {"tenant_id": tenant_id, "device_id": device_id}
    return Json({**named, "new_provision_token": token})


@router.post("/api/admin/integrations")
async def add_integration(admin: Admin, new: NewIntegration) -> Response:
    """Create an integration."""
    return Json(admin.enter().webhooks.add(new).shape())


@router.get("/api/admin/integrations")
async def list_integrations(
    admin: Admin, tenant_id: str | None = None, enabled: bool | None = None, limit: Limit = 200
) -> Response:
    """Integrations: a bare array."""
    found = admin.enter().webhooks.listed(tenant_id, enabled)
    return Json([integration.shape() for integration in found[:limit]])


@router.post("/api/admin/integration-routes")
async def add_route(admin: Admin, new: NewRoute) -> Response:
    """Create a route to an integration."""
    return Json(admin.enter().webhooks.add_route(new).shape())


@router.get("/api/admin/integration-routes")
async def list_routes(
    admin: Admin,
    tenant_id: str | None = None,
    integration_id: UUID | None = None,
    enabled: bool | None = None,
    limit: Limit = 200,
) -> Response:
    """Routes: a bare array."""
    integration = None if integration_id is None else str(integration_id)
    found = admin.enter().webhooks.routes_listed(tenant_id, integration, enabled)
    return Json([route.shape() for route in found[:limit]])


@router.post("/api/device/activate")
async def activate(api: Here, asked: Activation) -> Response:
    """Exchange a code for a token, which is shown this once."""
    named = asked.model_dump(include={"tenant_id", "device_id"})
    token = await api.registry.activate(asked.tenant_id, asked.device_id, asked.activation_code)
    return Json({**named, "provision_token": token})
