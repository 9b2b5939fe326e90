"""How errors are answered: by a system in its own way, by the control surface in plain words."""

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from simulator.faults import CONTROL
from simulator.replies import Json, Refused

Answer = Callable[[Refused], Response]


def answer_errors(app: FastAPI, answer: Answer) -> None:
    """Have `app` answer every refusal, and every malformed call, in one system's way."""

    async def refused(request: Request, error: Exception) -> Response:
        refusal = _refusal(error)
        if request.url.path.startswith(CONTROL):
            return Json({"detail": refusal.reason}, refusal.status)
        return answer(refusal)

    for kind in (Refused, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, refused)


def _refusal(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, HTTPException):
        return Refused(error.status_code, str(error.detail))
    if isinstance(error, RequestValidationError):
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        return Refused(400, "; ".join(faults))
    return Refused(500, "unexpected")
