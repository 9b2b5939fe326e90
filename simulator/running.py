"""A simulator running in this process, for tests, benchmarks and demonstrations."""

import ssl
import threading
from types import TracebackType
from typing import Any, Self

import httpx

from simulator.server import Server
from simulator.settings import SimulatorSettings


class RunningSimulator:
    """A simulator on a free port for as long as the `with` lasts, whatever port is set."""

    def __init__(self, settings: SimulatorSettings | None = None) -> None:
        self._settings = (settings or SimulatorSettings()).model_copy(update={"port": 0})

    def __enter__(self) -> Self:
        """Start answering calls."""
        self._server = Server(self._settings)
        self.url = self._server.url
        self._thread = threading.Thread(target=self._server.answer, name="simulator")
        self._thread.start()
        # It listens already: a call that comes too early only waits.
        # It speaks no TLS, so that no time is lost with reading CAs.
        trusts_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.Client(
            base_url=f"{self.url}/_simulator/",
            trust_env=False,
            verify=trusts_nobody,
            timeout=60,  # seconds: a machine may be busy, and thousands of devices take long
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End when all calls are answered."""
        self._client.close()
        self._server.end()
        self._thread.join()

    def control(self, path: str, /, **json: Any) -> Any:
        """Call the control surface: POST with a body, GET without."""
        reply = self._client.post(path, json=json) if json else self._client.get(path)
        return reply.raise_for_status().json()

    def clear(self, path: str, /) -> None:
        """Clear the `faults` or the `calls`."""
        self._client.delete(path).raise_for_status()
