"""The simulator on a port of the loopback."""

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from simulator.app import create_app
from simulator.settings import SimulatorSettings

HOST = "127.0.0.1"
TICK = 0.1  # seconds; at every tenth, uvicorn writes down the date for its replies


class PortTaken(Exception):
    """Another program listens there."""


class Server(uvicorn.Server):
    """A simulator that listens from the moment it is made, and answers once it runs."""

    def __init__(self, settings: SimulatorSettings, *, announces: bool = False) -> None:
        self._announces = announces
        self._wake: Callable[[], object] | None = None
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

    def end(self) -> None:
        """End, from any thread, as soon as the calls that have come are answered."""
        self.should_exit = True
        if self._wake:
            with suppress(RuntimeError):  # it has ended already
                self._wake()

    async def main_loop(self) -> None:
        """Go on until told to end, and then end at once; uvicorn's own looks every 0.1 s."""
        loop, ending = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(ending.set)
        tick = 0
        while not await self.on_tick(tick):
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), TICK)
            tick += 1

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the calls that have come; uvicorn's own takes 0.1 s also where there are none."""
        state = self.server_state
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in [*state.connections]:
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while state.connections or state.tasks:  # noqa: ASYNC110  (uvicorn tells nobody)
                    await asyncio.sleep(0.005)
        for task in state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    def end_with_stdin(self) -> None:
        """End when standard input does, so as never to outlive the process that started this."""

        def wait() -> None:
            # Not sys.stdin, whose lock a thread that still waits would hold at exit.
            with suppress(OSError):
                while os.read(0, 4096):
                    pass
            self.end()

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
