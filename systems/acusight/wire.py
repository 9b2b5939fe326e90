"""The shapes that Acusight sends and takes.

Source: its OpenAPI document ("Provision a new device") and its pages on provisioning tokens and
devices. The document requires no field of a reply, so only what a reply is worthless without is.
"""

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field, SecretStr, model_validator

from systems.shared.wire import Count, Instant, Listed, Name, Received, Secret, Sent, Text

T = TypeVar("T")

Health = Literal["healthy", "degraded", "error"]


class DeviceInfo(Sent):
    """What a device says of itself; `device_id` is its Docker daemon id or a UUID that it keeps."""

    device_id: str = Field(min_length=1)
    name: str | None = None
    hardware_id: str | None = None
    ip_address: str | None = None
    mac_address: str | None = None
    agent_version: str | None = None


class Checkin(Sent):
    """How a device says that it is."""

    status: Health
    metrics: Mapping[str, float] | None = None


class Envelope(Received, Generic[T]):
    """What most replies are wrapped in. A reply without it is all data."""

    data: T = Field(default=None, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _wrapped(cls, reply: Any) -> Any:
        wrapped = isinstance(reply, dict) and reply.keys() & {"success", "data", "error"}
        return reply if wrapped else {"data": reply}


class Verdict(Received):
    """The part of an envelope that reports a failure; it may hold anything."""

    success: Any = None
    error: Any = None

    @property
    def failed(self) -> bool:
        """Whether the reply says so, whatever its status."""
        return bool(self.error) or self.success not in (None, True)

    @property
    def code(self) -> str:
        """The system's own word for what failed; "" when there is none."""
        return str(self.error.get("code", "")) if isinstance(self.error, dict) else ""


class ProvisionedDevice(Received):
    """A device that has just been registered; its two keys are shown only now."""

    api_key: Secret
    device_id: Text = ""
    endpoint_id: Text = ""
    api_endpoint: Text = ""
    edge_key: SecretStr | None = None  # this and the next only with Portainer
    portainer_endpoint_id: Name | None = None


class NewToken(Received):
    """A provisioning token that has just been made. `setup_command` holds the token, too."""

    id: Name
    token: Secret
    name: Text = ""
    single_use: bool = False
    created_at: Instant | None = None
    expires_at: Instant | None = None  # None is never
    setup_command: SecretStr | None = None


class ProvisioningToken(Received):
    """A provisioning token as it is listed, without the token itself."""

    id: Name
    name: Text = ""
    single_use: bool = False
    use_count: Count = 0
    created_at: Instant | None = None
    expires_at: Instant | None = None  # None is never
    last_used_at: Instant | None = None
    revoked_at: Instant | None = None


class DeviceSelf(Received):
    """A device, as it reads about itself. The known statuses: pending, approved, rejected."""

    device_id: Name
    endpoint_id: Text = ""
    organization_id: Text = ""
    status: Text = ""
    name: Text = ""


class Organization(Received):
    """The organization that devices are provisioned into."""

    id: Name
    name: Text = ""
    slug: Text = ""


class Action(Received):
    """Something that a device is asked to do; only its id is documented."""

    id: Name


class CheckedIn(Received):
    """The answer to a device that checked in."""

    actions: Listed[Action] = Field(default=[])

    @model_validator(mode="before")
    @classmethod
    def _none(cls, data: Any) -> Any:
        return {} if data is None else data
