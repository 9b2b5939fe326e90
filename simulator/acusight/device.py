"""A device: what it says of itself, what is decided about it, and what it reads."""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, Field

Status = Literal["pending", "approved", "rejected"]


class DeviceInfo(BaseModel, strict=True):
    """What a device says of itself when it provisions itself; other keys are ignored."""

    device_id: str = Field(min_length=1)
    name: str = ""
    hardware_id: str = ""
    ip_address: str = ""
    mac_address: str = ""
    agent_version: str = ""


class Provision(BaseModel, strict=True):
    """What a device posts to provision itself."""

    token: str
    device_info: DeviceInfo


class Change(BaseModel, strict=True):
    """What a user posts to change a device. Only the first two are documented by name."""

    name: str | None = Field(default=None, min_length=1)
    status: Status | None = None
    auto_assignment: bool | None = None


class HealthReport(BaseModel, strict=True):
    """What a device posts every half minute or so."""

    status: Literal["healthy", "degraded", "error"]
    metrics: dict[str, Any] = {}


class Heartbeat(BaseModel, strict=True):
    """What a device's agent posts."""

    device_id: str = Field(min_length=1)
    current_model_id: str | int | None = None
    ip_address: str | None = None
    pending_requests: list[Any] = []
    status: str | None = None


@dataclass(slots=True)
class Device:
    """One device. Unless a user decides otherwise, it is approved from a certain moment."""

    device_id: str
    name: str
    info: dict[str, str]
    token_id: str
    key_hash: str
    created_at: int
    approved_from: int | None
    portainer_endpoint_id: int | None = None
    decided: Status | None = None
    auto_assignment: bool | None = None
    health: str | None = None
    last_seen: int | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)

    def status(self, now: int) -> Status:
        """Whether it is approved, rejected or pending."""
        if self.decided:
            return self.decided
        approved = self.approved_from is not None and now >= self.approved_from
        return "approved" if approved else "pending"

    def change(self, wanted: Change) -> None:
        """Change what is wanted, and leave the rest."""
        self.name = wanted.name or self.name
        self.decided = wanted.status or self.decided
        if wanted.auto_assignment is not None:
            self.auto_assignment = wanted.auto_assignment

    def seen(self, health: str | None, now: int) -> list[dict[str, Any]]:
        """Note that it called, and hand over what it is to do."""
        self.health, self.last_seen = health, now
        actions, self.actions = self.actions, []
        return actions

    def shape(self, organization: str, now: int) -> dict[str, Any]:
        """What it reads about itself."""
        return {
            "device_id": self.device_id,
            "endpoint_id": self.device_id,
            "organization_id": organization,
            "status": self.status(now),
            "name": self.name,
        }
