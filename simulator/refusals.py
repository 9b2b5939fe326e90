"""How errors are answered: tersely by a system, in plain words by the control surface."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from simulator.faults import CONTROL
from simulator.replies import Json, Refused

# No system of ours has published its error bodies; a person at a terminal reads the header.
REASON = "X-Simulator-Reason"


def answer_errors(app: FastAPI) -> None:
    """Have `app` answer every refusal, and every malformed call, in the systems' way."""

    async def refused(request: Request, error: Exception) -> Response:
        return refusal(request, *_status_and_reason(error))

    for kind in (Refused, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, refused)


def refusal(request: Request, status: int, reason: str) -> Response:
    """The reply to a call that failed with `status`."""
    if request.url.path.startswith(CONTROL):
        return Json({"detail": reason}, status)
    headers = {REASON: reason.encode("ascii", "replace").decode()}
    if request.app.state.lem.settings.error_body == "html":
        return HTMLResponse(f"<html><body>Error {status}</body></html>", status, headers)
    return Json({"error": f"E{status}"}, status, headers)


def _status_and_reason(error: Exception) -> tuple[int, str]:
    if isinstance(error, Refused):
        return error.status, error.reason
    if isinstance(error, HTTPException):
        return error.status_code, str(error.detail)
    if isinstance(error, RequestValidationError):
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        return 400, "; ".join(faults)
    return 500, "unexpected"
