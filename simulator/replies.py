"""How answers are written: JSON fast enough for lists of thousands, and refusals."""

from typing import Any

import orjson
from starlette.responses import Response


class Json(Response):
    """A reply whose content, dataclasses included, is written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The content as JSON."""
        return orjson.dumps(content)


class Refused(Exception):
    """A call that is answered with an error status, for a `reason` that only people read."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason
