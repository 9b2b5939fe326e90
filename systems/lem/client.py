"""Litmus Edge Manager: every documented activation call of one project, one attempt each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

import httpx
from pydantic import SecretStr, TypeAdapter

from systems.lem.settings import LemSettings
from systems.lem.wire import (
    ActivationConfig,
    ActivationRequest,
    LemDevice,
    Page,
    ZeroTouchConfig,
    to_millis,
)
from systems.shared.body import LIMIT
from systems.shared.entries import MOST, Entries, entries, entries_of, parse_around
from systems.shared.errors import NotJson, TooLarge
from systems.shared.http import HttpClient, call, opened, parse
from systems.shared.pace import Pace

T = TypeVar("T")

PAGE_LIMIT = 500
MOST_PAGES = 2000
_CONFIG = TypeAdapter(ActivationConfig)
_REQUEST = TypeAdapter(ActivationRequest)
_DEVICE = TypeAdapter(LemDevice)
_ZERO_TOUCH = TypeAdapter(ZeroTouchConfig)
_PAGE = TypeAdapter(Page[Any])


class LemClient:
    """The activation API of one LEM project.

    Every method makes one attempt, once `pace` lets it, and raises an ApiError when it fails. Codes
    are SecretStr.
    Source of the calls: LEM 2.31 API, "Edge Lifecycle Management/Activation"; of the device list:
    workflow 11, "Provision New Edge Device".
    """

    def __init__(self, http: HttpClient, project: str, pace: Pace | None = None) -> None:
        self._http, self.pace = http, pace or Pace()
        self.project = project

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, settings: LemSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> AsyncIterator["LemClient"]:
        """A client for as long as the context lasts; `transport` replaces the network in tests."""
        token = settings.token.get_secret_value()
        basic = settings.auth == "basic"
        http = opened(
            settings,
            transport,
            headers={} if basic else {"X-AuthToken": token},
            auth=httpx.BasicAuth(token, "") if basic else None,
        )
        async with http, Pace.of(settings, settings.token) as pace:
            yield cls(http, settings.project, pace)

    @property
    def skew(self) -> timedelta | None:
        """How far the clock at the other end is ahead of ours, as last heard."""
        return self._http.skew

    async def configs(self) -> Entries[ActivationConfig]:
        """Every activation config of the project. GET /api/v1/activation/config/list."""
        path = "/api/v1/activation/config/list"
        body = await self._call("GET", path, params={"projectId": self.project})
        return entries_of(_CONFIG, f"GET {path}", body)

    async def add_config(self, expires_at: datetime, device_count: int) -> ActivationConfig:
        """Make a config with a new code for `device_count` devices. POST /api/v1/activation/config.

        Not idempotent: LEM makes another one each time. `expires_at` is sent in milliseconds.
        """
        path = "/api/v1/activation/config"
        body = await self._call("POST", path, json=self._new_config(expires_at, device_count))
        return parse(_CONFIG, f"POST {path}", body)

    async def config(self, code: SecretStr) -> ActivationConfig:
        """The config behind `code`. GET /api/v1/activation/config ("Request Details")."""
        path = "/api/v1/activation/config"
        query = {"code": code.get_secret_value(), "projectId": self.project}
        return parse(_CONFIG, f"GET {path}", await self._call("GET", path, params=query))

    async def requests(self) -> Entries[ActivationRequest]:
        """Every request of the project, in every state. GET /api/v1/activation/request."""
        path = "/api/v1/activation/request"
        body = await self._call("GET", path, params={"projectId": self.project})
        return entries_of(_REQUEST, f"GET {path}", body)

    async def approve(self, entry_id: int) -> None:
        """Approve a request; provisioning follows later. POST /api/v1/activation/request/status."""
        await self._set_status(entry_id, "APPROVED")

    async def reject(self, entry_id: int) -> None:
        """Reject a request. POST /api/v1/activation/request/status."""
        await self._set_status(entry_id, "REJECTED")

    async def retry_provisioning(self, entry_id: int) -> None:
        """Run failed provisioning again. POST …/activation/request/request-retry-provision."""
        query = {"entryId": entry_id, "projectId": self.project}
        path = "/api/v1/activation/request/request-retry-provision"
        await self._call("POST", path, params=query)

    async def zero_touch_configs(self) -> Entries[ZeroTouchConfig]:
        """Every zero-touch profile of the project. GET /api/v1/zt/{project}/config."""
        return await self._pages(_ZERO_TOUCH, f"/api/v1/zt/{self.project}/config", {})

    async def devices(self, status: str = "ACTIVE") -> Entries[LemDevice]:
        """Every device of the project whose lifecycle is `status`. GET /api/v1/device/{project}."""
        return await self._pages(_DEVICE, f"/api/v1/device/{self.project}", {"status": status})

    async def _set_status(self, entry_id: int, status: Literal["APPROVED", "REJECTED"]) -> None:
        body = {"entryID": entry_id, "projectId": self.project, "status": status}
        await self._call("POST", "/api/v1/activation/request/status", json=body)

    async def _pages(self, one: TypeAdapter[T], path: str, query: dict[str, Any]) -> Entries[T]:
        """The elements of all pages. A server that repeats a page is an error, not a loop."""
        elements: list[Any] = []
        number = size = 0
        while True:
            asked = query | {"requestedPage": number, "limit": PAGE_LIMIT}
            body = await self._call("GET", path, params=asked)
            page = parse_around(_PAGE, f"GET {path}", body)
            if page.page_num != number:
                raise NotJson(f"GET {path}", f"page {number} was asked for, {page.page_num} came")
            elements += page.elements
            number, size = number + 1, size + len(body)
            if size > LIMIT or number > MOST_PAGES:
                raise TooLarge(f"GET {path}", f"{number:,} pages came, and more are to come")
            if number >= page.pages_count or not page.elements or len(elements) > MOST:
                return entries(one, f"GET {path}", elements)

    async def _call(self, method: str, path: str, **request: Any) -> bytes:
        return await call(self._http, method, path, pace=self.pace, **request)

    def _new_config(self, expires_at: datetime, device_count: int) -> dict[str, Any]:
        """The documented body; `code: null` lets LEM make the code."""
        return {
            "projectId": self.project,
            "code": None,
            "expiresAt": to_millis(expires_at),
            "deviceCount": device_count,
            "leaseTtl": 365,
            "licenseSkus": [],
            "templateNames": [],
            "licenseType": "NODE_LOCKED",
            "licenseServerHost": None,
            "licenseServerPort": 5053,
            "options": {"DEFAULT_PASSWORD_POLICY": False},
            "wgPersistentKeepalive": None,
        }
