"""Faults between a client and a system, on demand."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, Field, field_validator
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.connections import Connections
from simulator.draw import fraction

CONTROL = "/_simulator/"
Kind = Literal["status", "lost-reply", "reset", "slow", "not-json", "stuck"]


class Fault(BaseModel, extra="forbid"):
    """One fault: which calls it strikes, how, how often and for how long."""

    method: str | None = None
    path: str = Field(default="", description="a part of the path, or a regular expression")
    kind: Kind
    status: int = Field(default=503, ge=400, le=599)
    times: int | None = Field(default=None, ge=1, description="None is forever")
    share: float = Field(default=1.0, ge=0, le=1, description="of the calls it could strike")
    seconds: float = Field(default=0.0, ge=0, description="of real time; 0 is forever if stuck")
    met: int = Field(default=0, description="calls it could strike so far")
    struck: int = Field(default=0, description="calls it struck so far")

    @field_validator("method")
    @classmethod
    def _in_capitals(cls, method: str | None) -> str | None:
        return method and method.upper()

    @field_validator("path")
    @classmethod
    def _is_a_pattern(cls, path: str) -> str:
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"it is not a regular expression: {error}") from error
        return path

    def concerns(self, method: str, path: str) -> bool:
        """Whether a call is of the kind that this strikes, and its times are not used up."""
        if self.method not in (None, method) or self.struck == self.times:
            return False
        return self.path in path or re.search(self.path, path) is not None


class Faults:
    """The faults in force; the oldest that strikes a call is the one it suffers.

    A system that is down answers nothing at all, so its outage comes before them.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._ever = 0
        self.active: dict[int, Fault] = {}
        self.outages: dict[str, Fault] = {}

    def add(self, fault: Fault) -> int:
        """Put `fault` in force and return its number."""
        self._ever += 1
        self.active[self._ever] = fault
        return self._ever

    def clear(self) -> None:
        """End all faults and outages."""
        self.active.clear()
        self.outages.clear()

    def take_down(self, base: str, fault: Fault) -> None:
        """Let every call whose path begins with `base` suffer `fault`, until it is brought up."""
        self.outages[base] = fault

    def bring_up(self, base: str) -> None:
        """End the outage there, if there is one."""
        self.outages.pop(base, None)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that this call suffers, if any."""
        for base, fault in self.outages.items():
            if path.startswith(base):
                fault.struck += 1
                return fault
        for number, fault in self.active.items():
            if fault.concerns(method, path):
                fault.met += 1
                if fraction(self._seed, "fault", number, fault.met) < fault.share:
                    fault.struck += 1
                    return fault
        return None


class Faulty:
    """ASGI middleware that makes calls suffer their faults; the control surface never does."""

    def __init__(self, app: ASGIApp, faults: Faults, connections: Connections) -> None:
        self._app, self._faults, self._connections = app, faults, connections
        self._suffer: dict[Kind, Callable[[Fault, Scope, Receive, Send], Awaitable[None]]] = {
            "status": _answer_status,
            "not-json": _answer_page,
            "slow": self._answer_slowly,
            "stuck": self._never_answer,
            "reset": self._reset,
            "lost-reply": self._lose_reply,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call, or strike it with its fault."""
        fault = None
        if scope["type"] == "http" and not scope["path"].startswith(CONTROL):
            fault = self._faults.strike(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._suffer[fault.kind](fault, scope, receive, send)

    async def _answer_slowly(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        # The call is served even when the client has given up meanwhile, as servers do.
        heard = [await receive()]
        while heard[-1].get("more_body"):
            heard.append(await receive())
        await asyncio.sleep(fault.seconds)
        await self._app(scope, _repeating(heard, receive), send)

    async def _never_answer(self, fault: Fault, scope: Scope, receive: Receive, _: Send) -> None:
        try:
            async with asyncio.timeout(fault.seconds or None):
                await _disconnected(receive)
        except TimeoutError:
            await self._break_off(scope, receive, reset=False)

    async def _reset(self, _: Fault, scope: Scope, receive: Receive, __: Send) -> None:
        # A client that is still sending might read an ordinary end instead of the reset.
        await _heard(receive)
        await self._break_off(scope, receive, reset=True)

    async def _lose_reply(self, _: Fault, scope: Scope, receive: Receive, __: Send) -> None:
        await self._app(scope, receive, _swallow)
        await self._break_off(scope, receive, reset=False)

    async def _break_off(self, scope: Scope, receive: Receive, *, reset: bool) -> None:
        self._connections.break_off(scope, reset=reset)
        # Return only when the server has noticed, or it would complain about the missing reply.
        await _disconnected(receive)


async def _answer_status(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        phrase = HTTPStatus(fault.status).phrase
    except ValueError:
        phrase = "Error"
    page = HTMLResponse(f"<html><h1>{fault.status} {phrase}</h1></html>", fault.status)
    await page(scope, receive, send)


async def _answer_page(_: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    page = HTMLResponse("<html><body>Please sign in to the network.</body></html>")
    await page(scope, receive, send)


def _repeating(heard: list[Message], receive: Receive) -> Receive:
    """The messages that were heard once more, then those that follow."""

    async def repeat() -> Message:
        return heard.pop(0) if heard else await receive()

    return repeat


async def _heard(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _swallow(_: Message) -> None:
    pass
