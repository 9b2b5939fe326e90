"""The nine documented calls of LEM's activation API, on the wire."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from simulator.bodies import posted
from simulator.lem.access import Caller, Here, caller
from simulator.lem.activation_config import NewConfig
from simulator.lem.page import cut, page_asked
from simulator.replies import Json

router = APIRouter(prefix="/api/v1")


class Decision(BaseModel, strict=True):
    """What a client posts to approve or reject a request."""

    entry_id: int = Field(alias="entryID")
    project_id: str = Field(alias="projectId")
    status: Literal["APPROVED", "REJECTED"]


async def in_query(
    visitor: Annotated[Caller, Depends(caller)], project: Annotated[str, Query(alias="projectId")]
) -> str:
    """The project named in the query, which the caller may enter."""
    visitor.enter(project)
    return project


async def in_path(
    visitor: Annotated[Caller, Depends(caller)], project: Annotated[str, Path(alias="projectId")]
) -> str:
    """The project named in the path, which the caller may enter."""
    visitor.enter(project)
    return project


Visitor = Annotated[Caller, Depends(caller)]
QueryProject = Annotated[str, Depends(in_query)]
PathProject = Annotated[str, Depends(in_path)]


@router.get("/activation/config/list")
async def list_configs(lem: Here, project: QueryProject) -> Response:
    """Activation Config List: a bare array."""
    return Json([config.listed() for config in lem.configs(project)])


@router.post("/activation/config")
async def add_config(
    lem: Here, visitor: Visitor, new: Annotated[NewConfig, Depends(posted(NewConfig))]
) -> Response:
    """Add Activation Config: 200 and the config, without its creation time."""
    visitor.enter(new.project_id)
    return Json(lem.add_config(new).added())


@router.get("/activation/config")
async def find_config(lem: Here, project: QueryProject, code: str) -> Response:
    """Request Details, which really is the config with this code."""
    return Json(lem.config(project, code).listed())


@router.get("/activation/request")
async def list_requests(lem: Here, project: QueryProject) -> Response:
    """Requests List: a bare array of every state."""
    return Json(lem.requests_json(project))


@router.post("/activation/request/status")
async def decide(
    lem: Here, visitor: Visitor, decision: Annotated[Decision, Depends(posted(Decision))]
) -> Response:
    """Approve Request and Reject Request, whose reply is not documented."""
    visitor.enter(decision.project_id)
    request = lem.request(decision.entry_id, decision.project_id)
    if decision.status != "APPROVED":
        lem.reject(request, visitor.user)
    elif request.behavior != "approval-ignored":  # answered as if it had been done
        lem.approve(request, visitor.user)
    if lem.settings.status_reply == "object":
        return Json({"entryID": request.entry_id, "status": decision.status})
    return Response(status_code=200 if lem.settings.status_reply == "empty" else 204)


@router.post("/activation/request/request-retry-provision")
async def retry(
    lem: Here, project: QueryProject, entry_id: Annotated[int, Query(alias="entryId")]
) -> Response:
    """Retry Failed Request: 204, and the step runs again later."""
    lem.retry(lem.request(entry_id, project))
    return Response(status_code=204)


@router.get("/zt/{projectId}/config")
async def list_profiles(lem: Here, project: PathProject, request: Request) -> Response:
    """List ZeroTouch Configs: a paged object."""
    asked = page_asked(request.query_params, lem.settings)
    elements, numbers = cut(lem.profiles(project), *asked)
    return Json({**numbers, "elements": [profile.shape() for profile in elements]})


@router.get("/device/{projectId}")
async def list_devices(
    lem: Here, project: PathProject, request: Request, status: str = "ACTIVE"
) -> Response:
    """The device list: a paged object, of active devices unless asked for others."""
    asked = page_asked(request.query_params, lem.settings)
    elements, numbers = cut(lem.devices(project, status), *asked)
    now = lem.now()
    return Json({**numbers, "elements": [device.shape(now) for device in elements]})
