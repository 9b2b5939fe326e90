"""The world around provision_api: its devices, its database, and all that it stores."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from simulator.provision_api.access import Here
from simulator.provision_api.booted_device import BootedDevice, BootOrder
from simulator.provision_api.database import Tables
from simulator.provision_api.device import NewDevice
from simulator.provision_api.settings import DEFAULT_TENANT, Database
from simulator.replies import Json

router = APIRouter(prefix="/_simulator/provision_api")


class DatabaseOrder(BaseModel, extra="forbid"):
    """What the database is to be from now on."""

    is_now: Database = Field(alias="is")


class Registration(NewDevice, extra="forbid"):
    """One device that another administrator registers: anywhere, and with any status."""

    tenant_id: str = Field(default=DEFAULT_TENANT, min_length=1)
    status: str | None = None


class RegisterOrder(BaseModel, extra="forbid"):
    """Devices that another administrator registers, from an address with a quota of its own."""

    devices: list[Registration]


class Which(BaseModel, extra="forbid"):
    """Which device."""

    tenant: str = DEFAULT_TENANT
    device_id: str


class StatusOrder(Which, extra="forbid"):
    """Which device, and the status that it is to have, such as SUSPENDED."""

    status: str


@router.post("/boot")
async def boot(api: Here, order: BootOrder) -> Response:
    """Switch devices on; the same order again changes nothing."""
    return Json(api.booting.boot(order, api.now()))


@router.post("/register")
async def register(api: Here, order: RegisterOrder) -> Response:
    """Register devices by hand, as many as you like; returns their codes."""
    codes = {new.device_id: api.registry.register(new)[0] for new in order.devices}
    for new in order.devices:
        if new.status:
            api.registry.set_status(new.tenant_id, new.device_id, new.status)
    return Json({"codes": codes})


@router.post("/revoke")
async def revoke(api: Here, which: Which) -> Response:
    """Revoke a device by hand; its codes stay valid: an unused one revives it."""
    api.registry.revoke(which.tenant, which.device_id)
    return Json({"revoked": which.device_id})


@router.post("/status")
async def set_status(api: Here, order: StatusOrder) -> Response:
    """Give a device any status by hand, as the database's own administrator may."""
    api.registry.set_status(order.tenant, order.device_id, order.status)
    return Json({"status": order.status})


@router.post("/database")
async def change_database(api: Here, order: DatabaseOrder) -> Response:
    """Take the database down, bring it up, or migrate it; its rows stay."""
    api.tables.become(order.is_now)
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
