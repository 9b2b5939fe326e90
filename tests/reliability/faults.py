"""Faults between a machine and its systems: a seed draws which call suffers which of them."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx

Send = Callable[[httpx.Request], Awaitable[httpx.Response]]
Fault = Callable[[httpx.Request, Send], Awaitable[httpx.Response]]
PAGE = "<html><body>Please sign in to the network.</body></html>"


def answers(status: int, *, is_served: bool = False, **headers: str) -> Fault:
    """An error answer, also to a call that was served all the same."""

    async def fault(request: httpx.Request, send: Send) -> httpx.Response:
        if is_served:
            await send(request)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(status, headers=sent, text=f"{status}", request=request)

    return fault


def breaks_off(error: type[httpx.TransportError], *, is_served: bool = False) -> Fault:
    """No answer at all, also to a call that was served all the same."""

    async def fault(request: httpx.Request, send: Send) -> httpx.Response:
        if is_served:
            await send(request)
        raise error("it broke off", request=request)

    return fault


async def truncates(request: httpx.Request, send: Send) -> httpx.Response:
    """The first half of the answer, which says nothing of the rest."""
    whole = await send(request)
    body = await whole.aread()
    rest = {n: v for n, v in whole.headers.items() if n.lower() != "content-length"}
    return httpx.Response(whole.status_code, headers=rest, content=body[: len(body) // 2])


async def shows_page(request: httpx.Request, _send: Send) -> httpx.Response:
    """The page of a proxy, with the status of success."""
    return httpx.Response(200, html=PAGE, request=request)


FAULTS: dict[str, Fault] = {
    "500": answers(500),
    "502": answers(502),
    "503": answers(503),
    "500 to what was done": answers(500, is_served=True),
    "429": answers(429),
    "429 with Retry-After": answers(429, Retry_After="1"),
    "no connection": breaks_off(httpx.ConnectError),
    "reset before": breaks_off(httpx.ReadError),
    "reset after": breaks_off(httpx.ReadError, is_served=True),
    "reply lost": breaks_off(httpx.RemoteProtocolError, is_served=True),
    "too slow": breaks_off(httpx.ReadTimeout, is_served=True),
    "truncated": truncates,
    "HTML": shows_page,
}


class Faulty(httpx.AsyncBaseTransport):
    """A transport over which a `share` of all calls suffers a fault; `met` counts them."""

    def __init__(self, inner: httpx.AsyncBaseTransport, share: float, seed: str) -> None:
        self._inner, self.share = inner, share
        self._draw = random.Random(seed)
        self.kinds = sorted(FAULTS)
        self.met: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, or let it suffer."""
        if self._draw.random() >= self.share:
            return await self._inner.handle_async_request(request)
        name = self._draw.choice(self.kinds)
        self.met[name] += 1
        return await FAULTS[name](request, self._inner.handle_async_request)
