"""The nine documented calls by their names, and a stand-in for LEM that answers as a test says."""

from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from simulator.lem.settings import DEFAULT_TOKEN
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings
from tests.systems.shared.calls import Call, System

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


LEM = System(
    client=LemClient,
    settings=lem_settings,
    calls={name: (method, PREFIX + path, call) for name, (method, path, call) in CALLS.items()},
    parsed=PARSED,
    secrets=(CODE, DEFAULT_TOKEN, "p1&", "code="),
)
ask = LEM.ask
