"""What LEM's own pages and the world around it can do, for tests and demonstrations."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from simulator.lem.access import Here
from simulator.lem.activation_request import ActivationRequest
from simulator.lem.booted_device import BootedDevice, BootOrder
from simulator.lem.lem import Lem
from simulator.lem.zero_touch import NewProfile
from simulator.replies import Json, Refused

router = APIRouter(prefix="/_simulator/lem")


class Which(BaseModel, extra="forbid"):
    """Which request."""

    entry_id: int = Field(alias="entryID")


class Entry(Which):
    """Which request, and the user at LEM's page."""

    by: str = "operator"


class WhichDevice(BaseModel, extra="forbid"):
    """Which device, by LEM's id of it."""

    device_id: str


@router.post("/boot")
async def boot(lem: Here, order: BootOrder) -> Response:
    """Switch devices on; the same order again changes nothing."""
    project = _known(lem, order.project)
    return Json(lem.boot(order.model_copy(update={"project": project})))


@router.post("/zero-touch")
async def make_profile(lem: Here, new: NewProfile) -> Response:
    """Make a zero-touch profile."""
    _known(lem, new.project)
    return Json(lem.make_profile(new).shape())


class Change(Which):
    """What a device says of itself from now on; what is left out stays."""

    host_id: str | None = None
    macs: list[str] | None = None
    version: str | None = None


@router.post("/change")
async def change(lem: Here, change: Change) -> Response:
    """Change what the device behind a request says of itself."""
    lem.change(lem.request(change.entry_id), change.host_id, change.macs, change.version)
    return Json({"changed": change.entry_id})


@router.post("/approve")
async def approve(lem: Here, entry: Entry) -> Response:
    """Approve a request at LEM's page."""
    lem.approve(lem.request(entry.entry_id), entry.by)
    return Json({"approved": entry.entry_id})


@router.post("/reject")
async def reject(lem: Here, entry: Entry) -> Response:
    """Reject a request at LEM's page."""
    lem.reject(lem.request(entry.entry_id), entry.by)
    return Json({"rejected": entry.entry_id})


@router.post("/delete-request")
async def delete(lem: Here, entry: Entry) -> Response:
    """Delete a decided request at LEM's page; a rejected device then asks again."""
    lem.delete(lem.request(entry.entry_id))
    return Json({"deleted": entry.entry_id})


@router.post("/delete-device")
async def delete_device(lem: Here, which: WhichDevice) -> Response:
    """Delete a device at LEM's page: it is in no list any more, its request stays."""
    lem.delete_device(which.device_id)
    return Json({"deleted": which.device_id})


@router.post("/repair")
async def repair(lem: Here, entry: Which) -> Response:
    """Repair what makes a device fail or hang, such as a firewall; a failed step needs a retry."""
    lem.repair(lem.request(entry.entry_id))
    return Json({"repaired": entry.entry_id})


@router.post("/deactivate")
async def deactivate(lem: Here, entry: Entry) -> Response:
    """Take an activated device out of service at LEM's page."""
    lem.deactivate(lem.request(entry.entry_id), entry.by)
    return Json({"deactivated": entry.entry_id})


@router.get("/state")
async def state(lem: Here) -> Response:
    """Everything there is, in our own words."""
    records = lem.records
    return Json(
        {
            "now": lem.now(),
            "configs": list(records.configs),
            "requests": list(records.requests),
            "devices": list(records.devices),
            "profiles": list(records.profiles),
            "booted": [_booted_shape(device, lem) for device in records.booted],
        }
    )


def _known(lem: Lem, project: str | None) -> str:
    if project is None:
        return lem.settings.projects[0]
    if project not in lem.settings.projects:
        raise Refused(404, "no such project")
    return project


def _booted_shape(device: BootedDevice, lem: Lem) -> dict[str, Any]:
    requests = [lem.records.requests.get(entry) for entry in device.entries]
    return {
        "project": device.project,
        "name": device.name,
        "host_id": device.host_id,
        "macs": device.macs,
        "behavior": device.behavior,
        "asks_at": device.asks_at,
        "code": device.code or device.own,
        "entries": device.entries,
        "fate": _fate(device, requests, lem.now()),
    }


def _fate(device: BootedDevice, requests: list[ActivationRequest | None], now: int) -> str:
    if requests:
        newest = requests[-1]
        return newest.state if newest else "deleted"
    if device.asks_at is None:
        return "never asks"
    return "booting" if device.asks_at > now else "waiting for a code"
