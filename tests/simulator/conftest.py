"""A simulated LEM in this process, whose clock stands until a test moves it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import Response

from simulator.app import create_app
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN, LemSettings
from simulator.settings import SimulatorSettings

DAY = 24 * 60 * 60 * 1000


class InProcess(httpx.BaseTransport):
    """Calls an app without a network, from tests that are not asynchronous."""

    def __init__(self, app: FastAPI) -> None:
        self._app = httpx.ASGITransport(app)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> Response:
        reply = await self._app.handle_async_request(request)
        return Response(reply.status_code, headers=reply.headers, content=await reply.aread())

    def close(self) -> None:
        self._runner.close()


class Asked:
    """One app, and the words in which a test asks it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        headers = {"X-AuthToken": DEFAULT_TOKEN}
        self.http = httpx.Client(
            transport=InProcess(app), base_url="http://lem.test", headers=headers
        )
        self.project = DEFAULT_PROJECT

    def get(self, path: str, **query: Any) -> Response:
        return self.http.get(f"/api/v1/{path}", params=query)

    def post(self, path: str, body: Any = None, **query: Any) -> Response:
        return self.http.post(f"/api/v1/{path}", json=body, params=query)

    def control(self, path: str, /, **body: Any) -> Any:
        reply = self.http.post(f"/_simulator/{path}", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def look(self, path: str) -> Any:
        return self.http.get(f"/_simulator/{path}").json()

    def now(self) -> int:
        return int(self.look("clock")["now"])

    def pass_time(self, seconds: float) -> None:
        self.control("clock", advance_seconds=seconds)

    def body(self, **changes: Any) -> dict[str, Any]:
        body = {"projectId": self.project, "expiresAt": self.now() + DAY, "deviceCount": 10}
        return {**body, **changes}

    def add_config(self, **changes: Any) -> dict[str, Any]:
        reply = self.post("activation/config", self.body(**changes))
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def boot(self, *devices: dict[str, Any], **order: Any) -> dict[str, int]:
        return dict(self.control("lem/boot", devices=list(devices), **order))

    def requests(self, project: str | None = None) -> list[dict[str, Any]]:
        return list(self.get("activation/request", projectId=project or self.project).json())

    def decide(self, entry_id: int, status: str) -> Response:
        body = {"entryID": entry_id, "projectId": self.project, "status": status}
        return self.post("activation/request/status", body)

    def approve(self, entry_id: int) -> Response:
        return self.decide(entry_id, "APPROVED")

    def reject(self, entry_id: int) -> Response:
        return self.decide(entry_id, "REJECTED")

    def retry(self, entry_id: int) -> Response:
        path = "activation/request/request-retry-provision"
        return self.post(path, entryId=entry_id, projectId=self.project)

    def devices(self, **query: Any) -> dict[str, Any]:
        return dict(self.get(f"device/{self.project}", **query).json())

    def knocking(self, **device: Any) -> dict[str, Any]:
        """The request of a device that has just knocked."""
        self.boot({"name": "edge-1", **device})
        return self.requests()[-1]

    def fate(self, name: str = "edge-1") -> str:
        booted = self.look("lem/state")["booted"]
        return str(next(device["fate"] for device in booted if device["name"] == name))


Start = Callable[..., Asked]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a simulator: switches of LEM by name, others in `simulator`."""
    started: list[Asked] = []

    def start(simulator: dict[str, Any] | None = None, **lem: Any) -> Asked:
        switches = {"speed": 0, **(simulator or {})}
        app = create_app(SimulatorSettings(lem=LemSettings(**lem), **switches))
        started.append(Asked(app))
        return started[-1]

    yield start
    for asked in started:
        asked.http.close()
        asked.app.state.store.close()


@pytest.fixture
def lem(start: Start) -> Asked:
    """A LEM as it comes."""
    return start()


@pytest.fixture
def site(lem: Asked) -> Asked:
    """A LEM with one config for ten devices."""
    lem.add_config()
    return lem
