"""provision_api's calls by their names, and what they are called with."""

from typing import Any

from pydantic import SecretStr

from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings
from systems.provision_api.wire import NewDevice, NewIntegration, NewRoute
from systems.shared.errors import DatabaseFailed, Invalid, KeyRefused
from tests.systems.shared.calls import Call, System

ADMIN_KEY, CODE, HOOK_KEY = "key-of-an-administrator", "-a_code-that-begins-so", "bearer-of-hook"
DEVICE = NewDevice(tenant_id="tenant-a", device_id="dev-001", site_id="site-1")
HOOK = NewIntegration(
    tenant_id="tenant-a",
    name="legacy-webhook",
    url="https://hook.test/in",
    headers={"Authorization": SecretStr(HOOK_KEY)},
)
ROUTE = NewRoute(tenant_id="tenant-a", integration_id="0b1e", name="severe", min_severity=3)
ADMIN = "/api/admin"
CALLS: dict[str, tuple[str, str, Call]] = {
    "health": ("GET", "/health", lambda api: api.health()),
    "ready": ("GET", "/ready", lambda api: api.ready()),
    "create_device": ("POST", f"{ADMIN}/devices", lambda api: api.create_device(DEVICE)),
    "devices": ("GET", f"{ADMIN}/devices", lambda api: api.devices()),
    "revoke": (
        "POST",
        f"{ADMIN}/devices/tenant-a/dev%3A1/revoke",
        lambda api: api.revoke("tenant-a", "dev:1"),
    ),
    "rotate_token": (
        "POST",
        f"{ADMIN}/devices/tenant-a/dev%3A1/rotate-token",
        lambda api: api.rotate_token("tenant-a", "dev:1"),
    ),
    "activate": (
        "POST",
        "/api/device/activate",
        lambda api: api.activate("tenant-a", "dev-001", SecretStr(CODE)),
    ),
    "create_integration": (
        "POST",
        f"{ADMIN}/integrations",
        lambda api: api.create_integration(HOOK),
    ),
    "integrations": ("GET", f"{ADMIN}/integrations", lambda api: api.integrations()),
    "create_route": ("POST", f"{ADMIN}/integration-routes", lambda api: api.create_route(ROUTE)),
    "routes": ("GET", f"{ADMIN}/integration-routes", lambda api: api.routes()),
}
OF_NOBODY = ("health", "ready", "activate")


def provision_api_settings(**changes: Any) -> ProvisionApiSettings:
    """Settings that no environment changes; without TLS, for loading the usual CAs takes long."""
    own = {"url": "http://provision.test", "admin_key": SecretStr(ADMIN_KEY), "verify": False}
    return ProvisionApiSettings(**(own | {"_env_file": None} | changes))


PROVISION_API = System(
    client=ProvisionApiClient,
    settings=provision_api_settings,
    calls=CALLS,
    parsed=[name for name in CALLS if name != "revoke"],
    secrets=(ADMIN_KEY, CODE, HOOK_KEY),
    meanings={401: KeyRefused, 422: Invalid, 500: DatabaseFailed},
)
