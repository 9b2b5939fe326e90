"""provision_api as an app of its own: FastAPI's ways with errors are exactly upstream's."""

import logging

from fastapi import FastAPI, Request
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.connections import Connections
from simulator.mounting import Below
from simulator.provision_api.calls import router
from simulator.provision_api.database import DatabaseTrouble
from simulator.provision_api.provision_api import ProvisionApi
from simulator.replies import Json, Refused


class Crashing:
    """ASGI middleware: after an exception that nothing caught, the connection is closed.

    FastAPI has answered it by then, with 500 in plain text, and uvicorn hangs up. So does this,
    without uvicorn's traceback of a crash that is only played; any other is a fault of the
    simulator.
    """

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        self._app, self._connections = app, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call, and hang up after a crash."""
        try:
            await self._app(scope, receive, send)
        except (DatabaseTrouble, Refused):
            self._connections.hang_up(scope)
        except Exception:
            logging.getLogger(__name__).exception("The simulated provision_api crashed")
            self._connections.hang_up(scope)


def mounted(api: ProvisionApi, connections: Connections) -> Below:
    """The calls of `api` under its base path, with its document and the pages made of it."""
    app = FastAPI(title="provision_api")
    app.state.provision_api = api
    app.router.routes.extend(router.routes)
    app.add_exception_handler(Refused, _refused)
    crashing = Middleware(Crashing, connections=connections)
    return Below(api.settings.base, app, [crashing])


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, Refused) and error.status != 500:
        return Json({"detail": error.reason}, error.status)
    raise error
