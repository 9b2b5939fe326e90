"""The shapes that provision_api sends and takes.

Source: its "Provisioning Endpoints" page and, where the page is silent or differs, the service
itself, which ignores what it does not know. So what either of the two asks for is sent.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import Field, JsonValue, SecretStr

from systems.shared.wire import Count, Instant, Listed, Name, Received, Secret, Sent, Text


class NewDevice(Sent):
    """A device to register. Without `metadata` the service forgets what it had."""

    tenant_id: str = Field(min_length=1)
    device_id: str = Field(min_length=1)
    site_id: str = Field(min_length=1)
    fw_version: str | None = None
    metadata: dict[str, JsonValue] | None = None


class NewIntegration(Sent):
    """A webhook to make. The page wants a type and a config, the service a url and headers."""

    tenant_id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    url: str = Field(min_length=1)
    headers: dict[str, SecretStr] = Field(default={})
    enabled: bool = True

    def body(self) -> dict[str, Any]:
        """Both forms of the same webhook."""
        headers = {name: value.get_secret_value() for name, value in self.headers.items()}
        webhook = {"url": self.url, "headers": headers}
        named = {"tenant_id": self.tenant_id, "name": self.name, "enabled": self.enabled}
        return named | webhook | {"integration_type": "webhook", "config": webhook}


class NewRoute(Sent):
    """Which alerts go to an integration. Of `deliver_on` the service stores only OPEN."""

    tenant_id: str = Field(min_length=1)
    integration_id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    enabled: bool = True
    min_severity: int | None = None
    alert_types: list[str] | None = None
    site_ids: list[str] | None = None
    device_prefixes: list[str] | None = None
    deliver_on: list[str] = Field(default=["OPEN"])
    priority: int = 100


class DeviceStatus(Received):
    """What a health check says."""

    status: str


class NewCode(Received):
    """A device that has just been registered, with the code that activates it, shown only now."""

    activation_code: Secret
    tenant_id: Text = ""
    device_id: Text = ""
    site_id: Text = ""
    expires_at: Instant | None = None


class RegisteredDevice(Received):
    """A device as it is listed. The known statuses: ACTIVE, REVOKED."""

    tenant_id: Name
    device_id: Name
    site_id: Text = ""
    status: Text = ""
    provisioned_at: Instant | None = None
    fw_version: Name | None = None
    token_set: bool = False


class ActivatedDevice(Received):
    """A device that has just been activated, with the token it sends data by, shown only now."""

    provision_token: Secret
    tenant_id: Text = ""
    device_id: Text = ""


class RotatedToken(Received):
    """The token that replaces a device's former one, shown only now."""

    new_provision_token: Secret
    tenant_id: Text = ""
    device_id: Text = ""


class Integration(Received):
    """An integration as it is listed."""

    integration_id: Name
    tenant_id: Text = ""
    name: Text = ""
    type: Text = ""
    enabled: bool = True
    url: Text = ""
    created_at: Instant | None = None


class IntegrationRoute(Received):
    """A route as it is listed."""

    route_id: Name
    integration_id: Name
    tenant_id: Text = ""
    name: Text = ""
    enabled: bool = True
    min_severity: Count | None = None
    alert_types: Listed[Name] = Field(default=[])
    site_ids: Listed[Name] = Field(default=[])
    device_prefixes: Listed[Name] = Field(default=[])
    deliver_on: Listed[Name] = Field(default=[])
    priority: Count | None = None
    created_at: Instant | None = None


@dataclass(frozen=True)
class DeviceList:
    """Devices of the registry; `truncated` when there may be more, which no call can ask for.

    `unreadable` says where a list shows what cannot be read.
    """

    devices: list[RegisteredDevice]
    truncated: bool
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class IntegrationList:
    """Integrations, newest first; `truncated` when there may be more."""

    integrations: list[Integration]
    truncated: bool
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class RouteList:
    """Integration routes by priority; `truncated` when there may be more."""

    routes: list[IntegrationRoute]
    truncated: bool
    unreadable: tuple[str, ...] = ()


class Failure(Received):
    """What the service says when it fails: mostly a sentence, sometimes a list with our input."""

    detail: Any = None
