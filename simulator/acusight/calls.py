"""The calls of Acusight that concern devices and their organization, on the wire."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from simulator.acusight.access import ByKey, Endpoint, ForUser, Here
from simulator.acusight.device import Change, HealthReport, Heartbeat, Provision
from simulator.acusight.envelope import enveloped
from simulator.acusight.instant import iso
from simulator.acusight.provisioning_token import NewToken
from simulator.bodies import posted
from simulator.hashing import hashed
from simulator.replies import Json, Refused

router = APIRouter()


@router.post("/devices/provision")
async def provision(
    acusight: Here, endpoint: Endpoint, asked: Annotated[Provision, Depends(posted(Provision))]
) -> Response:
    """Provision a device: 201, and secrets that are shown this once."""
    info, token_hash = asked.device_info.model_dump(), hashed(asked.token)
    done = acusight.provisioning.provision(info, token_hash, acusight.now())
    data: dict[str, Any] = {
        "device_id": done.device.device_id,
        "endpoint_id": done.device.device_id,
        "api_key": done.api_key,
        "api_endpoint": endpoint,
    }
    if done.edge_key:
        data["edge_key"] = done.edge_key
        data["portainer_endpoint_id"] = done.device.portainer_endpoint_id
    return enveloped(data, 201)


@router.post("/provisioning-tokens")
async def make_token(
    acusight: ForUser, endpoint: Endpoint, new: Annotated[NewToken, Depends(posted(NewToken))]
) -> Response:
    """Create a provisioning token: 201, and the raw token this once."""
    token, raw = acusight.make_token(new)
    return enveloped(token.made(raw, endpoint), 201)


@router.get("/provisioning-tokens")
async def list_tokens(acusight: ForUser) -> Response:
    """Provisioning tokens, revoked ones included, in no pages."""
    return enveloped([token.listed() for token in acusight.tokens()])


@router.delete("/provisioning-tokens/{id}")
async def revoke_token(acusight: ForUser, id: str) -> Response:  # noqa: A002  as documented
    """Revoke a provisioning token; a second time is an error."""
    token = acusight.revoke(id)
    return enveloped({"id": token.id, "revoked_at": iso(token.revoked_at)})


@router.get("/organization")
async def say_organization(acusight: ForUser) -> Response:
    """The organization that a user is of."""
    return enveloped(acusight.organization())


@router.get("/device/self")
async def say_self(acusight: Here, device: ByKey) -> Response:
    """What a device reads about itself."""
    return enveloped(acusight.shape(device))


@router.post("/device/checkin")
async def check_in(
    acusight: Here, device: ByKey, report: Annotated[HealthReport, Depends(posted(HealthReport))]
) -> Response:
    """A device's health, answered with what it is to do."""
    return enveloped({"actions": acusight.hear(device, report.status)})


@router.post("/core/agent/checkin")
async def beat(
    acusight: Here, device: ByKey, heartbeat: Annotated[Heartbeat, Depends(posted(Heartbeat))]
) -> Response:
    """An agent's heartbeat, answered without the envelope."""
    if heartbeat.device_id != device.device_id:
        raise Refused(400, "device_id: not the device of this key")
    actions = acusight.hear(device, heartbeat.status or device.health)
    return Json({"success": True, "pending_actions": actions})


@router.patch("/core/devices/{device_id}")
async def change_device(
    acusight: ForUser, device_id: str, wanted: Annotated[Change, Depends(posted(Change))]
) -> Response:
    """Change a device's name, status or assignment."""
    device = acusight.device(device_id)
    acusight.change(device, wanted)
    return enveloped(acusight.shape(device))
