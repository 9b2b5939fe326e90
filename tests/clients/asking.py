"""The nine documented calls by their names, and a stand-in for LEM that answers as a test says."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr

from clients.lem import LemClient
from clients.settings import LemSettings
from simulator.lem.settings import DEFAULT_TOKEN

T = TypeVar("T")
Call = Callable[[LemClient], Awaitable[Any]]
Answer = Callable[[httpx.Request], httpx.Response]

CODE = "PLANT-EDCOD-E0000-00000-00001"
EXPIRY = datetime(2026, 3, 9, 12, 30, 15, 123000, tzinfo=UTC)
PREFIX = "/api/v1"
CALLS: dict[str, tuple[str, str, Call]] = {
    "configs": ("GET", "/activation/config/list", lambda lem: lem.configs()),
    "add_config": ("POST", "/activation/config", lambda lem: lem.add_config(EXPIRY, 40)),
    "config": ("GET", "/activation/config", lambda lem: lem.config(SecretStr(CODE))),
    "requests": ("GET", "/activation/request", lambda lem: lem.requests()),
    "approve": ("POST", "/activation/request/status", lambda lem: lem.approve(4)),
    "reject": ("POST", "/activation/request/status", lambda lem: lem.reject(4)),
    "retry_provisioning": (
        "POST",
        "/activation/request/request-retry-provision",
        lambda lem: lem.retry_provisioning(4),
    ),
    "zero_touch_configs": ("GET", "/zt/p1/config", lambda lem: lem.zero_touch_configs()),
    "devices": ("GET", "/device/p1", lambda lem: lem.devices()),
}
PARSED = [name for name in CALLS if name not in {"approve", "reject", "retry_provisioning"}]


def lem_settings(**changes: Any) -> LemSettings:
    """Settings that no environment changes; without TLS, for loading the usual CAs takes long."""
    own = {"project": "p1", "token": SecretStr(DEFAULT_TOKEN), "verify": False}
    return LemSettings(**(own | {"_env_file": None} | changes))


def ask(call: Call, answer: Answer, **settings: Any) -> Any:
    """What `call` makes of what `answer` answers."""
    return asyncio.run(_asked(call, answer, settings))


def errors(answer: Answer, *names: str) -> dict[str, Exception]:
    """The error that each call (or those named) raises when `answer` answers it."""

    async def failed(name: str) -> Exception:
        try:
            await _asked(CALLS[name][2], answer, {})
        except Exception as error:  # noqa: BLE001  (whichever it is, the test says)
            return error
        raise AssertionError(f"{name} raised nothing")

    async def all_failed() -> dict[str, Exception]:
        return {name: await failed(name) for name in names or CALLS}

    return asyncio.run(all_failed())


def called(name: str) -> str:
    """What an error calls the call `name`."""
    method, path, _ = CALLS[name]
    return f"{method} {PREFIX}{path}"


async def _asked(call: Call, answer: Answer, settings: dict[str, Any]) -> Any:
    transport = httpx.MockTransport(answer)
    async with LemClient.connect(lem_settings(**settings), transport) as lem:
        return await call(lem)
