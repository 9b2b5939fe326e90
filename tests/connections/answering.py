"""A stand-in for Prefect's API, which answers as a test says and notes what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from prefect.context import SettingsContext, get_settings_context


@contextmanager
def answering(status: int, answer: Any) -> Iterator[list[tuple[str, Any]]]:
    """Prefect's API for as long as the context lasts; gives the paths and bodies of its POSTs."""
    asked: list[tuple[str, Any]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(422, {"detail": "CSRF protection is disabled."})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, json.loads(body)))
            self._send(status, answer)

        def _send(self, status: int, content: Any) -> None:
            self.send_response(status)
            self.end_headers()
            text = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as its base says
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with _api_at(f"http://127.0.0.1:{server.server_port}/api"):
                yield asked
        finally:
            server.shutdown()
            thread.join()


def _api_at(url: str) -> SettingsContext:
    """Prefect's settings with that address; its own `temporary_settings` reads all of them anew."""
    now = get_settings_context()
    api = now.settings.api.model_copy(update={"url": url})
    return SettingsContext(
        profile=now.profile, settings=now.settings.model_copy(update={"api": api})
    )
