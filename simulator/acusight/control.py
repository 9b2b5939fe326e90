"""What Acusight's own pages and the world around it can do, for tests and demonstrations."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from simulator.acusight.access import Here
from simulator.acusight.booted_device import BootOrder
from simulator.acusight.device import Change
from simulator.replies import Json

router = APIRouter(prefix="/_simulator/acusight")


class Which(BaseModel, extra="forbid"):
    """Which device."""

    device_id: str


class ActionOrder(Which):
    """What a device is to do at its next call."""

    type: str
    payload: dict[str, Any] = {}


@router.post("/boot")
async def boot(acusight: Here, order: BootOrder) -> Response:
    """Switch devices on; the same order again changes nothing."""
    return Json(acusight.booting.boot(order, acusight.now()))


@router.post("/approve")
async def approve(acusight: Here, which: Which) -> Response:
    """Approve a device."""
    acusight.change(acusight.device(which.device_id), Change(status="approved"))
    return Json({"approved": which.device_id})


@router.post("/reject")
async def reject(acusight: Here, which: Which) -> Response:
    """Reject a device."""
    acusight.change(acusight.device(which.device_id), Change(status="rejected"))
    return Json({"rejected": which.device_id})


@router.post("/delete-device")
async def delete(acusight: Here, which: Which) -> Response:
    """Delete a device, for which no call is documented; its id is then new again."""
    acusight.records.forget(acusight.device(which.device_id))
    return Json({"deleted": which.device_id})


@router.post("/action")
async def order_action(acusight: Here, order: ActionOrder) -> Response:
    """Give a device something to do at its next call."""
    device = acusight.device(order.device_id)
    return Json(acusight.order(device, order.type, order.payload))


@router.get("/state")
async def state(acusight: Here) -> Response:
    """Everything there is, in our own words; of secrets, the digests."""
    records, now = acusight.records, acusight.now()
    return Json(
        {
            "now": now,
            "tokens": list(records.tokens),
            "devices": [
                {**asdict(device), "status": device.status(now)} for device in records.devices
            ],
            "booted": [
                {
                    "device_id": device.device_id,
                    "provisions_at": device.provisions_at,
                    "fate": acusight.booting.fate(device, now),
                }
                for device in records.booted
            ],
        }
    )
