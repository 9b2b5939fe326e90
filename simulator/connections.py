"""The open TCP connections of a server, so that one can be broken off during a call."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

# Lingering for no time at all makes the kernel send RST where it would say goodbye with FIN.
NO_GOODBYE = struct.pack("ii", 1, 0)


class Connections:
    """Which connection a request came by, found by the client's address."""

    def __init__(self) -> None:
        self._open: dict[Any, asyncio.Transport] = {}

    def protocol(self) -> Callable[..., H11Protocol]:
        """A uvicorn protocol class that notes each connection here while it lasts."""
        return cast("Callable[..., H11Protocol]", type("Noted", (_Noting,), {"noted": self._open}))

    def hang_up(self, scope: Scope) -> None:
        """Close the connection a request came by, after what was already answered."""
        if transport := self._open.get(scope.get("client")):
            transport.close()

    def break_off(self, scope: Scope, *, reset: bool) -> None:
        """Drop the connection a request came by, without another byte to the client."""
        transport = self._open.get(scope.get("client"))
        if transport is None:
            raise ConnectionResetError("the simulator broke off; there is no TCP here to show it")
        if reset:
            wire = transport.get_extra_info("socket")
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_GOODBYE)
        transport.abort()


class _Noting(H11Protocol):
    noted: dict[Any, asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.noted[transport.get_extra_info("peername")] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.noted.pop(self.transport.get_extra_info("peername"), None)
        super().connection_lost(exc)
