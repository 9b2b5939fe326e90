"""How often each call was made, counted by its template, even if it then went wrong."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.faults import CONTROL


class Calls:
    """The counts, by method and path template."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, method: str, path: str) -> None:
        """Count one call."""
        self._counts[method, path] += 1

    def clear(self) -> None:
        """Start counting from zero."""
        self._counts.clear()

    def shape(self) -> list[dict[str, Any]]:
        """The counts as the control surface shows them."""
        return [
            {"method": method, "path": path, "count": count}
            for (method, path), count in self._counts.items()
        ]


class Counting:
    """ASGI middleware that counts every call to a system; an unknown path is counted as it is."""

    def __init__(self, app: ASGIApp, calls: Calls, routes: Sequence[BaseRoute]) -> None:
        self._app, self._calls, self._routes = app, calls, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a call and pass it on."""
        if scope["type"] == "http" and not scope["path"].startswith(CONTROL):
            self._calls.count(scope["method"], _template(self._routes, scope))
        await self._app(scope, receive, send)


def _template(routes: Sequence[BaseRoute], scope: Scope) -> str:
    for route in routes:
        match, within = route.matches(scope)
        if match is Match.FULL and isinstance(route, Mount):
            return route.path + _template(route.routes, {**scope, **within})
        if match is Match.FULL:
            return str(getattr(route, "path", scope["path"]))
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))
