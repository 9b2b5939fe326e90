"""The world around provision_api: its devices, its database, and all that it keeps."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from simulator.provision_api.access import Here
from simulator.provision_api.booted_device import BootedDevice, BootOrder
from simulator.provision_api.database import Tables
from simulator.provision_api.settings import Database
from simulator.replies import Json

router = APIRouter(prefix="/_simulator/provision_api")


class DatabaseOrder(BaseModel, extra="forbid"):
    """What the database is to be from now on."""

    is_now: Database = Field(alias="is")


@router.post("/boot")
async def boot(api: Here, order: BootOrder) -> Response:
    """Switch devices on; the same order again changes nothing."""
    return Json(api.booting.boot(order, api.now()))


@router.post("/database")
async def change_database(api: Here, order: DatabaseOrder) -> Response:
    """Take the database down, bring it up, or migrate it; its rows stay."""
    api.tables.is_now = order.is_now
    return Json({"is": api.tables.is_now})


@router.get("/state")
async def state(api: Here) -> Response:
    """Everything there is, in our own words; of secrets, the digests."""
    tables = api.tables
    return Json(
        {
            "now": api.now(),
            "database": tables.is_now,
            "devices": list(tables.devices),
            "codes": list(tables.codes),
            "tokens": list(tables.tokens),
            "integrations": list(tables.integrations),
            "routes": list(tables.routes),
            "booted": [_booted_shape(device, tables) for device in tables.booted],
        }
    )


def _booted_shape(device: BootedDevice, tables: Tables) -> dict[str, Any]:
    return {
        "tenant": device.tenant,
        "device_id": device.device_id,
        "activates_at": device.activates_at,
        "fate": device.fate(tables.devices.get(device.key)),
    }
