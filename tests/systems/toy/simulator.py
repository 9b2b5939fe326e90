"""A toy system over real HTTP, on a free port for as long as the `with` lasts."""

import json
import secrets
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

TOKEN = "NotASecret0TokenOfAToy"


class RunningToy:
    """Its devices by name, the badges and keys that it showed, and how often each call was made."""

    def __init__(self) -> None:
        self.devices: dict[str, dict[str, str]] = {}
        self.badges: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.calls = Counter[str]()

    def __enter__(self) -> Self:
        toy = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                sent = json.loads(self.rfile.read(size) or b"{}")
                is_known = self.headers.get("authorization") == f"Bearer {TOKEN}"
                status, body = toy.answer(self.command, self.path, sent) if is_known else (401, {})
                reply = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815  (the names that it looks for)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, path: str, sent: dict[str, str]) -> tuple[int, Any]:
        """The status and body for one call."""
        _, name, action = [*path.strip("/").split("/"), "", ""][:3]
        self.calls[f"{method} {action or 'devices'}"] += 1
        if method == "GET":
            return 200, list(self.devices.values())
        if method == "DELETE":
            return (204, None) if self.devices.pop(name, None) else (404, {})
        return self._enter(name, sent["badge"]) if action == "enter" else self._register(sent)

    def _register(self, sent: dict[str, str]) -> tuple[int, Any]:
        name = sent["name"]
        self.devices[name] = sent | {"state": "new"}
        self.badges[name] = secrets.token_hex(16)
        ends = datetime.now(UTC) + timedelta(hours=1)
        return 201, {"badge": self.badges[name], "expires_at": ends.isoformat()}

    def _enter(self, name: str, badge: str) -> tuple[int, Any]:
        if self.devices[name]["state"] == "in":
            return 409, {}
        if self.badges.get(name) != badge:
            return 400, {}
        self.devices[name]["state"] = "in"
        self.keys[name] = secrets.token_hex(16)
        return 200, {"key": self.keys[name]}
