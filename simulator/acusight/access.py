"""Who may call Acusight: a user with a JWT, a device with its key, and anybody with a token."""

from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, Request

from simulator.acusight.acusight import Acusight
from simulator.acusight.device import Device
from simulator.hashing import hashed
from simulator.replies import Refused


async def here(request: Request) -> Acusight:
    """The Acusight that was called."""
    acusight: Acusight = request.app.state.acusight
    return acusight


Here = Annotated[Acusight, Depends(here)]


async def for_user(request: Request, acusight: Here) -> Acusight:
    """The Acusight that was called, for its user."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    known = compare_digest(shown.encode(), acusight.settings.jwt.encode())
    if scheme.lower() != "bearer" or not known:
        raise Refused(401, "no valid bearer token")
    return acusight


async def by_key(request: Request, acusight: Here) -> Device:
    """The device that calls."""
    device = acusight.records.device_with(hashed(request.headers.get("X-Device-Key", "")))
    if device is None:
        raise Refused(401, "no valid X-Device-Key")
    return device


async def advertised(request: Request, acusight: Here) -> str:
    """The API endpoint that Acusight gives to its devices."""
    return acusight.settings.api_endpoint or f"{request.base_url}{acusight.settings.base[1:]}"


ForUser = Annotated[Acusight, Depends(for_user)]
ByKey = Annotated[Device, Depends(by_key)]
Endpoint = Annotated[str, Depends(advertised)]
