"""provision_api: its registry of devices, their activation, and its integrations, one attempt each.

It accepts ten administrator calls a minute from one address and in all. Calls without the admin
key (health, readiness, activation) do not count.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from systems.provision_api.settings import ProvisionApiSettings
from systems.provision_api.wire import (
    ActivatedDevice,
    DeviceList,
    DeviceStatus,
    Failure,
    Integration,
    IntegrationList,
    IntegrationRoute,
    NewCode,
    NewDevice,
    NewIntegration,
    NewRoute,
    RegisteredDevice,
    RotatedToken,
    RouteList,
)
from systems.shared.entries import Entries, entries_of
from systems.shared.errors import (
    ApiError,
    CodeExpired,
    CodeInvalid,
    CodeSpent,
    DatabaseFailed,
    Invalid,
    KeyRefused,
    NotReady,
)
from systems.shared.http import HttpClient, call, opened, parse, segment
from systems.shared.pace import Pace

DEVICES_LIMIT = 1000  # the most that it returns, and there is no second page
INTEGRATIONS_LIMIT = 200  # its default; the most that it returns is not documented

_STATUS = TypeAdapter(DeviceStatus)
_NEW_CODE = TypeAdapter(NewCode)
_DEVICE = TypeAdapter(RegisteredDevice)
_ROTATED = TypeAdapter(RotatedToken)
_ACTIVATED = TypeAdapter(ActivatedDevice)
_INTEGRATION = TypeAdapter(Integration)
_ROUTE = TypeAdapter(IntegrationRoute)
_FAILURE = TypeAdapter(Failure)
_DETAILS: dict[tuple[int, str], type[ApiError]] = {
    (400, "Invalid activation code"): CodeInvalid,
    (400, "Activation code already used"): CodeSpent,
    (400, "Activation code expired"): CodeExpired,
    (503, "not_ready"): NotReady,
}
_STATUSES: dict[int, type[ApiError]] = {401: KeyRefused, 422: Invalid, 500: DatabaseFailed}


class ProvisionApiClient:
    """One provision_api.

    Every method makes one attempt, an administrator's once `pace` lets it, and raises an ApiError
    when it fails. Codes and tokens are SecretStr, and shown once. Source of the calls:
    "Provisioning Endpoints". An id that holds a slash can be registered, and then be reached by no
    other call.
    """

    def __init__(self, http: HttpClient, admin_key: SecretStr, pace: Pace | None = None) -> None:
        self._http, self._admin_key, self.pace = http, admin_key, pace or Pace()
        self._uncounted = self.pace.without_quota()

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, settings: ProvisionApiSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> AsyncIterator["ProvisionApiClient"]:
        """A client for as long as the context lasts; `transport` replaces the network in tests."""
        async with (
            opened(settings, transport) as http,
            Pace.of(settings, settings.admin_key) as pace,
        ):
            yield cls(http, settings.admin_key, pace)

    @property
    def skew(self) -> timedelta | None:
        """How far the clock at the other end is ahead of ours, as last heard."""
        return self._http.skew

    async def health(self) -> None:
        """Whether it runs, which says nothing of its database. GET /health."""
        parse(_STATUS, "GET /health", await self._call("GET", "/health"))

    async def ready(self) -> None:
        """Whether it can work; NotReady when it says that it cannot. GET /ready."""
        parse(_STATUS, "GET /ready", await self._call("GET", "/ready"))

    async def create_device(self, device: NewDevice) -> NewCode:
        """Register a device and get a code for it. POST /api/admin/devices.

        Registers again what is registered: a revoked device becomes active, site and metadata are
        replaced, and there is one more code that works. So read the list first.
        """
        path = "/api/admin/devices"
        body = await self._as_admin("POST", path, json=device.body())
        return parse(_NEW_CODE, f"POST {path}", body)

    async def devices(
        self,
        tenant_id: str | None = None,
        site_id: str | None = None,
        status: str | None = None,
        limit: int = DEVICES_LIMIT,
    ) -> DeviceList:
        """The devices that match exactly, as many as `limit`. GET /api/admin/devices.

        An empty filter is none to the service; whatever it lists, no other tenant's is shown.
        """
        path = "/api/admin/devices"
        asked = _asked(tenant_id=tenant_id, site_id=site_id, status=status, limit=limit)
        body = await self._as_admin("GET", path, params=asked)
        found = entries_of(_DEVICE, f"GET {path}", body)
        ours = [device for device in found if tenant_id in (None, device.tenant_id)]
        return DeviceList(ours, _is_full(found, limit), found.unreadable)

    async def revoke(self, tenant_id: str, device_id: str) -> None:
        """Keep a device's data out, within a minute. POST /api/admin/devices/{t}/{d}/revoke.

        Succeeds for a device that does not exist, too; and an unused code still lets it back in.
        """
        await self._as_admin("POST", f"{_device_path(tenant_id, device_id)}/revoke")

    async def rotate_token(self, tenant_id: str, device_id: str) -> RotatedToken:
        """Replace a device's token. POST /api/admin/devices/{t}/{d}/rotate-token.

        A device that does not exist gets a token that opens nothing: read the list first.
        """
        path = f"{_device_path(tenant_id, device_id)}/rotate-token"
        return parse(_ROTATED, f"POST {path}", await self._as_admin("POST", path))

    async def activate(self, tenant_id: str, device_id: str, code: SecretStr) -> ActivatedDevice:
        """Exchange a code for a token, as the device. POST /api/device/activate.

        Neither repeat it nor make it twice at a time: the code is spent, and of several tokens
        only one works. The page asks for the code alone, the service for all three.
        """
        path = "/api/device/activate"
        device = {"tenant_id": tenant_id, "device_id": device_id}
        sent = device | {"activation_code": code.get_secret_value()}
        body = await self._call("POST", path, json=sent)
        return parse(_ACTIVATED, f"POST {path}", body)

    async def create_integration(self, integration: NewIntegration) -> Integration:
        """Make a webhook, another one each time. POST /api/admin/integrations.

        A service whose database has dropped its integrations answers 500 to these four calls.
        """
        path = "/api/admin/integrations"
        body = await self._as_admin("POST", path, json=integration.body())
        return parse(_INTEGRATION, f"POST {path}", body)

    async def integrations(
        self,
        tenant_id: str | None = None,
        enabled: bool | None = None,
        limit: int = INTEGRATIONS_LIMIT,
    ) -> IntegrationList:
        """The integrations that match, as many as `limit`. GET /api/admin/integrations."""
        path = "/api/admin/integrations"
        asked = _asked(tenant_id=tenant_id, enabled=enabled, limit=limit)
        body = await self._as_admin("GET", path, params=asked)
        found = entries_of(_INTEGRATION, f"GET {path}", body)
        return IntegrationList(found, _is_full(found, limit), found.unreadable)

    async def create_route(self, route: NewRoute) -> IntegrationRoute:
        """Send alerts to an integration. POST /api/admin/integration-routes.

        What comes back is what the service made of it.
        """
        path = "/api/admin/integration-routes"
        body = await self._as_admin("POST", path, json=route.body())
        return parse(_ROUTE, f"POST {path}", body)

    async def routes(
        self,
        tenant_id: str | None = None,
        integration_id: str | None = None,
        enabled: bool | None = None,
        limit: int = INTEGRATIONS_LIMIT,
    ) -> RouteList:
        """The routes that match, as many as `limit`. GET /api/admin/integration-routes."""
        path = "/api/admin/integration-routes"
        asked = _asked(
            tenant_id=tenant_id, integration_id=integration_id, enabled=enabled, limit=limit
        )
        body = await self._as_admin("GET", path, params=asked)
        found = entries_of(_ROUTE, f"GET {path}", body)
        return RouteList(found, _is_full(found, limit), found.unreadable)

    async def _as_admin(self, method: str, path: str, **request: Any) -> bytes:
        headers = {"X-Admin-Key": self._admin_key.get_secret_value()}
        return await call(self._http, method, path, _failure, self.pace, headers=headers, **request)

    async def _call(self, method: str, path: str, **request: Any) -> bytes:
        """A call without the admin key."""
        return await call(self._http, method, path, _failure, self._uncounted, **request)


def _is_full(found: Entries[Any], limit: int) -> bool:
    return len(found) + len(found.unreadable) >= limit


def _asked(**query: Any) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _device_path(tenant_id: str, device_id: str) -> str:
    return f"/api/admin/devices/{segment(tenant_id)}/{segment(device_id)}"


def _failure(response: httpx.Response) -> type[ApiError] | None:
    """The error behind a documented sentence or status; a sentence is compared, never shown."""
    status = response.status_code
    try:
        detail = _FAILURE.validate_json(response.content).detail
    except ValidationError:
        detail = None
    error = _DETAILS.get((status, detail)) if isinstance(detail, str) else None
    return error or _STATUSES.get(status)
