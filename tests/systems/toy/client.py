"""The calls of a toy system, one attempt each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr, TypeAdapter

from systems.shared.errors import ApiError, CodeSpent
from systems.shared.http import HttpClient, call, opened, parse, segment
from systems.shared.pace import Pace
from systems.shared.wire import Listed
from tests.systems.toy.settings import ToySettings
from tests.systems.toy.wire import Badge, Key, ToyDevice

_BADGE = TypeAdapter(Badge)
_KEY = TypeAdapter(Key)
_DEVICES = TypeAdapter(Listed[ToyDevice])


def _spent(response: httpx.Response) -> type[ApiError] | None:
    return CodeSpent if response.status_code == httpx.codes.CONFLICT else None


class ToyClient:
    """One account of a toy system."""

    def __init__(self, http: HttpClient, pace: Pace) -> None:
        self._http, self.pace = http, pace

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, settings: ToySettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> AsyncIterator["ToyClient"]:
        """A client for as long as the context lasts; `transport` replaces the network in tests."""
        headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
        async with (
            opened(settings, transport, headers=headers) as http,
            Pace.of(settings, settings.token) as pace,
        ):
            yield cls(http, pace)

    @property
    def skew(self) -> timedelta | None:
        """How far the clock at the other end is ahead of ours, as last heard."""
        return self._http.skew

    async def devices(self) -> list[ToyDevice]:
        """Every device. GET /devices."""
        return parse(_DEVICES, "GET /devices", await self._call("GET", "/devices"))

    async def register(self, name: str, site: str) -> Badge:
        """Register a device and get a badge for it; another one each time. POST /devices."""
        body = await self._call("POST", "/devices", json={"name": name, "site": site})
        return parse(_BADGE, "POST /devices", body)

    async def enter(self, name: str, badge: SecretStr) -> Key:
        """Exchange a badge for a key. CodeSpent the second time. POST /devices/{name}/enter."""
        path = f"/devices/{segment(name)}/enter"
        body = await self._call("POST", path, json={"badge": badge.get_secret_value()})
        return parse(_KEY, f"POST {path}", body)

    async def remove(self, name: str) -> None:
        """Remove a device. DELETE /devices/{name}."""
        await self._call("DELETE", f"/devices/{segment(name)}")

    async def _call(self, method: str, path: str, **request: Any) -> bytes:
        return await call(self._http, method, path, _spent, self.pace, **request)
