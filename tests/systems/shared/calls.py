"""A client's documented calls by their names, and a stand-in that answers them as a test says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from systems.shared.errors import ApiError

Call = Callable[[Any], Awaitable[Any]]
Answer = Callable[[httpx.Request], httpx.Response]


@dataclass(frozen=True)
class System:
    """One remote system: its client, its calls as (method, path, call), and what is its own."""

    client: Any
    settings: Callable[..., Any]
    calls: dict[str, tuple[str, str, Call]]
    parsed: list[str]  # the calls whose answer is read
    secrets: tuple[str, ...]
    meanings: dict[int, type[ApiError]] = field(default_factory=dict)  # where its statuses differ
    own_meanings: dict[tuple[str, int], type[ApiError]] = field(default_factory=dict)  # of one call

    def meaning(self, name: str, status: int, usual: type[ApiError]) -> type[ApiError]:
        """What `status` means as an answer to the call `name`."""
        return self.own_meanings.get((name, status), self.meanings.get(status, usual))

    def ask(self, call: Call, answer: Answer, **settings: Any) -> Any:
        """What `call` makes of what `answer` answers."""
        return asyncio.run(self._asked(call, answer, self.settings(**settings)))

    def errors(self, answer: Answer, *names: str) -> dict[str, Exception]:
        """The error that each call (or those named) raises when `answer` answers it."""
        settings = self.settings()

        async def failed(name: str) -> Exception:
            try:
                await self._asked(self.calls[name][2], answer, settings)
            except Exception as error:  # noqa: BLE001  (whichever it is, the test says)
                return error
            raise AssertionError(f"{name} raised nothing")

        async def all_failed() -> dict[str, Exception]:
            return {name: await failed(name) for name in names or self.calls}

        return asyncio.run(all_failed())

    def sent(self, name: str, reply: Any, **settings: Any) -> httpx.Request:
        """The one HTTP request that the call `name` makes, when it is answered with `reply`."""
        made = []

        def answer(request: httpx.Request) -> httpx.Response:
            made.append(request)
            return httpx.Response(200, json=reply)

        self.ask(self.calls[name][2], answer, **settings)
        (request,) = made
        return request

    def called(self, name: str) -> str:
        """What an error calls the call `name`."""
        method, path, _ = self.calls[name]
        return f"{method} {path}"

    async def _asked(self, call: Call, answer: Answer, settings: Any) -> Any:
        transport = httpx.MockTransport(answer)
        async with self.client.connect(settings, transport) as client:
            return await call(client)


def replying(body: Any, status: int = 200, **headers: str) -> Answer:
    """An answer that is always the same JSON."""
    return lambda _: httpx.Response(status, json=body, headers=headers)
