"""The three systems, simulated in this process, and what they themselves have on record."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from fleet.device.device import Device
from simulator.app import create_app
from simulator.hashing import hashed
from simulator.settings import LemSettings, ProvisionApiSettings, SimulatorSettings

SITE, TENANT = "plant-7", "tenant-a"


def switches(**more: Any) -> SimulatorSettings:
    """Three systems that lose no time and count nobody's calls."""
    return SimulatorSettings(
        lem=LemSettings(seconds_per_step=0, ask_again_seconds=0),
        provision_api=ProvisionApiSettings(rate_limit=False),
        **more,
    )


class Plant:
    """Devices that wait at three systems; in this process, unless they are at a `url`."""

    def __init__(self, settings: SimulatorSettings | None = None, url: str = "") -> None:
        self.url = url or "http://plant.test"
        self.transport: httpx.AsyncBaseTransport = (
            httpx.AsyncHTTPTransport(verify=False) if url else _InProcess(settings or switches())
        )

    async def aclose(self) -> None:
        """Close the connections to it."""
        await self.transport.aclose()

    async def control(self, path: str, /, **body: Any) -> Any:
        """Call the control surface: POST with a body, GET without."""
        async with httpx.AsyncClient(transport=Lent(self.transport), base_url=self.url) as http:
            path = f"/_simulator/{path}"
            reply = await (http.post(path, json=body) if body else http.get(path))
        return reply.raise_for_status().json()

    async def boot(self, devices: Iterable[Device], **behavior: str) -> None:
        """Switch on LEM's devices; some by their names behave otherwise than well."""
        orders = [
            {"name": d.name, "host_id": d.host_id, "behavior": behavior.get(d.name, "prompt")}
            for d in devices
        ]
        await self.control("lem/boot", devices=orders)

    async def record(self) -> "Record":
        """What the systems have on record now."""
        states = [await self.control(f"{name}/state") for name in ("lem", "acusight")]
        api = await self.control("provision_api/state")
        return Record(await self.control("calls"), *states, api)


class _InProcess(httpx.AsyncBaseTransport):
    """A simulator without a network; its answers bear a date, as those of servers do.

    Clients compare that with the real clock, so it does not show the time that tests let pass. It
    tells the request's trace what a real connection tells, as the last thing before it sends.
    """

    def __init__(self, settings: SimulatorSettings) -> None:
        self._inner = httpx.ASGITransport(create_app(settings))
        self._skew = settings.start - datetime.now(UTC) if settings.start else timedelta()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if trace := request.extensions.get("trace"):
            await trace("http11.send_request_headers.started", {})
        response = await self._inner.handle_async_request(request)
        now = datetime.now(UTC) + self._skew
        response.headers["date"] = format_datetime(now, usegmt=True)
        return response


class Lent(httpx.AsyncBaseTransport):
    """A transport that stays open when a client of it is closed."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)


class Record:
    """What three systems have on record: what was done there, and what is there."""

    def __init__(self, calls: Any, lem: Any, acusight: Any, api: Any) -> None:
        self.calls, self.lem, self.acusight, self.api = calls, lem, acusight, api

    @property
    def changes(self) -> Counter[str]:
        """How often each call was made that may change something."""
        posts = [call for call in self.calls["calls"] if call["method"] != "GET"]
        return Counter({f"{call['method']} {call['path']}": call["count"] for call in posts})

    @property
    def live_tokens(self) -> int:
        """How many provisioning tokens Acusight would still take."""
        return sum(token["revoked_at"] is None for token in self.acusight["tokens"])

    @property
    def keys(self) -> dict[str, str]:
        """The digest of the key by which each device is known, by the id it has in its system."""
        cameras = {each["device_id"]: each["key_hash"] for each in self.acusight["devices"]}
        gateways = {
            each["device_id"]: each["token_hash"]
            for each in self.api["devices"]
            if each["token_hash"]
        }
        return cameras | gateways

    def status(self, gateway: str) -> str:
        """What provision_api has a gateway down as."""
        return next(
            str(each["status"]) for each in self.api["devices"] if each["device_id"] == gateway
        )


def digest(secret: str) -> str:
    """How the systems store a secret."""
    return hashed(secret)
