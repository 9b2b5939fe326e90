"""How LEM refuses: tersely, because its error bodies are not published."""

from starlette.responses import HTMLResponse, Response

from simulator.lem.settings import LemSettings
from simulator.refusals import Answer
from simulator.replies import Json, Refused

# A person at a terminal reads the header; a client must not rely on it.
REASON = "X-Simulator-Reason"


def terse(settings: LemSettings) -> Answer:
    """Answers with a status and a body that says almost nothing."""

    def answer(refused: Refused) -> Response:
        headers = {REASON: refused.reason.encode("ascii", "replace").decode()}
        if settings.error_body == "html":
            page = f"<html><body>Error {refused.status}</body></html>"
            return HTMLResponse(page, refused.status, headers)
        return Json({"error": f"E{refused.status}"}, refused.status, headers)

    return answer
