"""The envelope most of Acusight's answers come in, and how it refuses."""

from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from simulator.refusals import Answer
from simulator.replies import Json, Refused

CODES = {400: "VALIDATION_ERROR", 404: "NOT_FOUND"}


class RefusedWith(Refused):
    """A refusal that a client recognizes by its code, since several share its status."""

    def __init__(self, status: int, code: str, reason: str) -> None:
        super().__init__(status, reason)
        self.code = code


def enveloped(data: Any, status: int = 200) -> Response:
    """A success."""
    return Json({"success": True, "data": data}, status)


def in_envelope(unauthorized: str) -> Answer:
    """Answers with a code, of which the one for a bad credential is not documented."""

    def answer(refused: Refused) -> Response:
        error = {"code": _code(refused, unauthorized), "message": _message(refused.status)}
        return Json(
            {"success": False, "error": {**error, "details": refused.reason}}, refused.status
        )

    return answer


def _code(refused: Refused, unauthorized: str) -> str:
    if isinstance(refused, RefusedWith):
        return refused.code
    if refused.status == 401:
        return unauthorized
    return CODES.get(refused.status, HTTPStatus(refused.status).name)


def _message(status: int) -> str:
    return HTTPStatus(status).phrase
