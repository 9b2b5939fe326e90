"""The simulator on a port of the loopback."""

import os
import socket
import sys
import threading
from contextlib import suppress

import uvicorn

from simulator.app import create_app
from simulator.settings import SimulatorSettings

HOST = "127.0.0.1"


class PortTaken(Exception):
    """Another program listens there."""


class Server(uvicorn.Server):
    """A simulator that listens from the moment it is made, and answers once it runs."""

    def __init__(self, settings: SimulatorSettings, *, announces: bool = False) -> None:
        self._announces = announces
        self.listener = _listening(settings.port)
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            http=app.state.connections.protocol(),
            ws="none",
            access_log=False,
            log_level="error",
            proxy_headers=False,
            date_header=not settings.dates_replies,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.listener.getsockname()[1]}"

    def answer(self) -> None:
        """Answer calls until asked to end."""
        with self.listener:
            self.run(sockets=[self.listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and print the address for a process that waits for it."""
        await super().startup(sockets=sockets)
        if self._announces:
            sys.stdout.write(f"simulator: {self.url}\n")
            sys.stdout.flush()

    def end_with_stdin(self) -> None:
        """End when standard input does, so as never to outlive the process that started this."""

        def wait() -> None:
            # Not sys.stdin, whose lock a thread that still waits would hold at exit.
            with suppress(OSError):
                while os.read(0, 4096):
                    pass
            self.should_exit = True

        threading.Thread(target=wait, daemon=True).start()


def _listening(port: int) -> socket.socket:
    # Only a socket that says it is TCP is freed of Nagle's 40 ms per reply by asyncio.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} of {HOST} cannot be used: {error.strerror}") from error
    return listener
