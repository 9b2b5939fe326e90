"""provision_api as an app of its own: FastAPI's ways with errors are exactly upstream's."""

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount

from simulator.provision_api.calls import router
from simulator.provision_api.provision_api import ProvisionApi
from simulator.replies import Json, Refused


def mounted(api: ProvisionApi) -> Mount:
    """The calls of `api` under its base path."""
    app = FastAPI(openapi_url=None)
    app.state.provision_api = api
    app.router.routes.extend(router.routes)
    app.add_exception_handler(Refused, _refused)
    return Mount(api.settings.base, app)


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, Refused) and error.status != 500:
        return Json({"detail": error.reason}, error.status)
    return PlainTextResponse("Internal Server Error", 500)
