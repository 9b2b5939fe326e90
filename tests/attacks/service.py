"""A web server of the plant, to which an attacker would have the worker call."""

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Service:
    """A web server of the plant: what it answers by path, and what it was asked."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    drips: Event = field(default_factory=Event)

    def answer(self, path, body, status=200, **headers):
        content = body if isinstance(body, bytes) else body.encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, content)
        return f"{self.url}{path}"

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])


@contextmanager
def serving(address="127.0.0.1"):
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append((self.headers["Host"], self.path))
            status, headers, content = service.answers[self.path]
            time.sleep(float(headers.get("Waits", 0)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            while "Drips" in headers and not service.drips.wait(0.02):
                self.wfile.write(b"d")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # whoever asked has gone
            pass

    with Server((address, 0), Handler) as server:
        service.url = f"http://{address}:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.drips.set()
            server.shutdown()
            thread.join()
