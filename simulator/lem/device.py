"""A device in service, as the project's device list shows it; most fields are our guess."""

from dataclasses import dataclass
from typing import Any

from simulator.draw import word
from simulator.lem.activation_request import ActivationRequest

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(slots=True)
class Device:
    """One device LEM manages, listed once `visible_from` has come."""

    id: str
    project: str
    host_id: str
    macs: list[str]
    version: str
    created_on: int
    visible_from: int
    status: str = "ACTIVE"
    online: bool = True

    def shape(self, now: int) -> dict[str, Any]:
        """The element of the device list, with a secret in it as the real one has."""
        return {
            "id": self.id,
            "name": f"litmus-edge-{self.host_id}",
            "projectId": self.project,
            "status": self.status,
            "online": self.online,
            "version": self.version,
            "hostId": self.host_id,
            "macAddress": ",".join(self.macs),
            "createdOn": self.created_on,
            "lastSeen": now if self.online else self.created_on,
            "remoteAccessKey": f"FAKE-SECRET-{self.id}",
        }


def device_id(project: str, host_id: str, seed: int) -> str:
    """The id of a host in a project: one host is one device, however often it asks."""
    return word(LETTERS, 25, seed, project, host_id, "device")


def device_of(request: ActivationRequest, seed: int, visible_from: int, now: int) -> Device:
    """The device that a request becomes."""
    return Device(
        id=device_id(request.project, request.host_id, seed),
        project=request.project,
        host_id=request.host_id,
        macs=request.macs,
        version=request.version,
        created_on=now,
        visible_from=visible_from,
    )
