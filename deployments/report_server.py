"""The folder of reports over HTTP, read-only, for whoever may sign in to the Prefect UI.

`make up` starts it beside Prefect's server: `python -m deployments.report_server --port 4210`. It
listens on the loopback, asks for the same string as that server, and knows reports by their names
alone: it lists nothing, and follows no link.
"""

import argparse
import os
import secrets
import stat
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tasks.runtime.report_files import is_report
from tasks.runtime.settings import RunSettings

HOST = "127.0.0.1"
HEALTH = "/health"
_AUTH = "PREFECT_SERVER_API_AUTH_STRING"
_CHUNK = 256 * 1024
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A page's own script runs, as its own policy says, in an origin that can read no other report.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Lets calls through that name the server's own host and show the authentication string.

    The host keeps out a page of somebody else whose name was made to lead here.
    """

    def __init__(self, app: ASGIApp, auth: str, port: int) -> None:
        self._app = app
        self._shown = b64encode(auth.encode())
        self._hosts = {f"{name}:{port}" for name in (HOST, "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the call through."""
        if scope["type"] == "http" and (refusal := self._refusal(Request(scope))):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.getlist("host") not in [[host] for host in self._hosts]:
            return PlainTextResponse("This host is not served here.", 421, _HEADERS)
        if request.url.path == HEALTH:
            return None
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic" and secrets.compare_digest(
            shown.strip().encode(), self._shown
        ):
            return None
        asked = {"WWW-Authenticate": 'Basic realm="Muster reports", charset="UTF-8"'}
        return PlainTextResponse("Sign in as for the Prefect UI.", 401, _HEADERS | asked)


def create_app(folder: Path, auth: str, port: int) -> Starlette:
    """The server of the reports in `folder`, for who shows `auth`."""

    def report(request: Request) -> Response:
        name: str = request.path_params["name"]
        file = _opened(folder, name) if is_report(name) else None
        if file is None:
            return PlainTextResponse("There is no such report.", 404, _HEADERS)
        ending = Path(name).suffix
        headers = {**_HEADERS, "Content-Type": _TYPES[ending]}
        if ending != ".html":
            headers["Content-Disposition"] = "attachment"
        return StreamingResponse(_chunks(file), headers=headers)

    def health(_: Request) -> Response:
        return Response(status_code=204, headers=_HEADERS)

    return Starlette(
        routes=[Route(HEALTH, health), Route("/{name}", report)],
        middleware=[Middleware(Guard, auth=auth, port=port)],
    )


def _opened(folder: Path, name: str) -> BinaryIO | None:
    """The file of that name in the folder itself; None for a link, a pipe or none."""
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=root)
        finally:
            os.close(root)
    except (OSError, ValueError):  # the latter: a name with a null
        return None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    return os.fdopen(file, "rb")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def main() -> int:
    """Serve until interrupted; 1 where nothing would be asked for."""
    parser = argparse.ArgumentParser(prog="report_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen on the loopback")
    port: int = parser.parse_args().port
    auth = os.environ.get(_AUTH, "")
    if not auth:
        sys.stderr.write(f"{_AUTH} is not set: everybody could read the reports.\n")
        return 1
    app = create_app(RunSettings().reports, auth, port)
    uvicorn.run(app, host=HOST, port=port, log_level="warning", server_header=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
