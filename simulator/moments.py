"""The moment of a call: what is due happens first, and what changed is written before the reply."""

from email.utils import formatdate

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.agenda import Agenda
from simulator.clock import Clock
from simulator.store import Store


class Moments:
    """ASGI middleware around each call that reads simulated time or changes what is stored."""

    def __init__(self, app: ASGIApp, clock: Clock, agenda: Agenda, store: Store) -> None:
        self._app, self._clock, self._agenda, self._store = app, clock, agenda, store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Bring the simulated world up to now, answer, and store what changed."""

        async def send_stored(message: Message) -> None:
            self._store.flush()
            await send(message)

        if scope["type"] == "http":
            self._agenda.run_until(self._clock.now())
            await self._app(scope, receive, send_stored)
        else:
            await self._app(scope, receive, send)


class Dated:
    """ASGI middleware that dates each reply by simulated time, in whole seconds as servers do."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say when."""

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = formatdate(self._clock.now() // 1000, usegmt=True)
                MutableHeaders(scope=message)["Date"] = now
            await send(message)

        await self._app(scope, receive, send_dated)
