"""The simulated systems in this process, whose clock stands until a test moves it."""

import asyncio
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import Response

from simulator.acusight.settings import DEFAULT_JWT
from simulator.app import create_app
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.settings import (
    AcusightSettings,
    LemSettings,
    ProvisionApiSettings,
    SimulatorSettings,
)

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


class World:
    """One app, and the words in which a test asks its control surface."""

    def __init__(self, app: FastAPI, headers: dict[str, str] | None = None) -> None:
        self.app = app
        self.http = httpx.Client(
            transport=InProcess(app), base_url="http://simulator.test", headers=headers
        )

    def control(self, path: str, /, **body: Any) -> Any:
        reply = self.http.post(f"/_simulator/{path}", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def observation(self, path: str) -> Any:
        return self.http.get(f"/_simulator/{path}").json()

    def now(self) -> int:
        return int(self.observation("clock")["now"])

    def pass_time(self, seconds: float) -> None:
        self.control("clock", advance_seconds=seconds)

    def close(self) -> None:
        self.http.close()
        self.app.state.store.close()


class Asked(World):
    """A LEM, and the words in which a test asks it."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(app, {"X-AuthToken": DEFAULT_TOKEN})
        self.project = DEFAULT_PROJECT

    def get(self, path: str, **query: Any) -> Response:
        return self.http.get(f"/api/v1/{path}", params=query)

    def post(self, path: str, body: Any = None, **query: Any) -> Response:
        return self.http.post(f"/api/v1/{path}", json=body, params=query)

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

    def ask_from(self, **device: Any) -> dict[str, Any]:
        """The request of a device that has just knocked."""
        self.boot({"name": "edge-1", **device})
        return self.requests()[-1]

    def fate(self, name: str = "edge-1") -> str:
        booted = self.observation("lem/state")["booted"]
        return str(next(device["fate"] for device in booted if device["name"] == name))


class AskedAcusight(World):
    """An Acusight, and the words in which a user and a device ask it."""

    user = MappingProxyType({"Authorization": f"Bearer {DEFAULT_JWT}"})

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        return self.http.request(method, f"/acusight/api/{path}", json=body, headers=headers)

    def by_user(self, method: str, path: str, body: Any = None) -> Response:
        return self.call(method, path, body, **self.user)

    def by_device(self, key: str, method: str, path: str, body: Any = None) -> Response:
        return self.call(method, path, body, **{"X-Device-Key": key})

    def make_token(self, **body: Any) -> dict[str, Any]:
        reply = self.by_user("POST", "provisioning-tokens", {"name": "line-1", **body})
        assert reply.status_code == 201, reply.text
        return dict(reply.json()["data"])

    def tokens(self) -> list[dict[str, Any]]:
        return list(self.by_user("GET", "provisioning-tokens").json()["data"])

    def revoke(self, number: str) -> Response:
        return self.by_user("DELETE", f"provisioning-tokens/{number}")

    def provision(self, token: str, device_id: str = "docker-1", **info: Any) -> Response:
        body = {"token": token, "device_info": {"device_id": device_id, **info}}
        return self.call("POST", "devices/provision", body)

    def new_device(self, device_id: str = "docker-1", **info: Any) -> dict[str, Any]:
        reply = self.provision(self.make_token()["token"], device_id, **info)
        assert reply.status_code == 201, reply.text
        return dict(reply.json()["data"])

    def itself(self, key: str) -> dict[str, Any]:
        return dict(self.by_device(key, "GET", "device/self").json()["data"])

    def boot(self, *devices: dict[str, Any]) -> dict[str, int]:
        return dict(self.control("acusight/boot", devices=list(devices)))

    def fates(self) -> dict[str, str]:
        booted = self.observation("acusight/state")["booted"]
        return {device["device_id"]: device["fate"] for device in booted}


class AskedProvisionApi(World):
    """A provision_api, and the words in which an admin and a device ask it."""

    key = MappingProxyType({"X-Admin-Key": DEFAULT_ADMIN_KEY})

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        return self.http.request(method, f"/provision/{path}", json=body, headers=headers)

    def admin(self, method: str, path: str, body: Any = None, **query: Any) -> Response:
        path = f"/provision/api/admin/{path}"
        return self.http.request(method, path, json=body, params=query, headers=self.key)

    def register(self, device_id: str = "dev-1", **changes: Any) -> dict[str, Any]:
        body = {"tenant_id": "tenant-a", "device_id": device_id, "site_id": "site-1", **changes}
        reply = self.admin("POST", "devices", body)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def devices(self, **query: Any) -> list[dict[str, Any]]:
        return list(self.admin("GET", "devices", **query).json())

    def device(self) -> dict[str, Any]:
        (device,) = self.devices()
        return dict(device)

    def activate(self, code: str, device_id: str = "dev-1", **changes: Any) -> Response:
        body = {"tenant_id": "tenant-a", "device_id": device_id, "activation_code": code}
        return self.call("POST", "api/device/activate", {**body, **changes})

    def revoke(self, device_id: str = "dev-1") -> Response:
        return self.admin("POST", f"devices/tenant-a/{device_id}/revoke")

    def rotate(self, device_id: str = "dev-1") -> Response:
        return self.admin("POST", f"devices/tenant-a/{device_id}/rotate-token")

    def state(self) -> dict[str, Any]:
        return dict(self.observation("provision_api/state"))

    def boot(self, *devices: dict[str, Any]) -> dict[str, int]:
        return dict(self.control("provision_api/boot", devices=list(devices)))

    def fates(self) -> dict[str, str]:
        return {device["device_id"]: device["fate"] for device in self.state()["booted"]}


Start = Callable[..., Asked]


@pytest.fixture
def build() -> Iterator[Callable[..., Any]]:
    """Start a simulator with some switches, to be asked in the words of one of its systems."""
    started: list[World] = []

    def build(words: type[World], **switches: Any) -> World:
        settings = SimulatorSettings(**{"speed": 0, **switches})
        started.append(words(create_app(settings)))
        return started[-1]

    yield build
    for world in started:
        world.close()


@pytest.fixture
def start(build: Callable[..., Any]) -> Start:
    """Start a simulator: switches of LEM by name, others in `simulator`."""

    def start(simulator: dict[str, Any] | None = None, **lem: Any) -> Any:
        return build(Asked, lem=LemSettings(**lem), **(simulator or {}))

    return start


@pytest.fixture
def start_acusight(build: Callable[..., Any]) -> Callable[..., AskedAcusight]:
    """Start a simulator: switches of Acusight by name, others in `simulator`."""

    def start(simulator: dict[str, Any] | None = None, **acusight: Any) -> Any:
        return build(AskedAcusight, acusight=AcusightSettings(**acusight), **(simulator or {}))

    return start


@pytest.fixture
def start_provision_api(build: Callable[..., Any]) -> Callable[..., AskedProvisionApi]:
    """Start a simulator: switches of provision_api by name, others in `simulator`."""

    def start(simulator: dict[str, Any] | None = None, **api: Any) -> Any:
        switches = ProvisionApiSettings(**api)
        return build(AskedProvisionApi, provision_api=switches, **(simulator or {}))

    return start


@pytest.fixture
def acusight(start_acusight: Callable[..., AskedAcusight]) -> AskedAcusight:
    """An Acusight as it comes."""
    return start_acusight()


@pytest.fixture
def api(start_provision_api: Callable[..., AskedProvisionApi]) -> AskedProvisionApi:
    """A provision_api that counts nobody's calls."""
    return start_provision_api(rate_limit=False)


@pytest.fixture
def lem(start: Start) -> Asked:
    """A LEM as it comes."""
    return start()


@pytest.fixture
def site(lem: Asked) -> Asked:
    """A LEM with one config for ten devices."""
    lem.add_config()
    return lem
