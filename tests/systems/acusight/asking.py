"""Acusight's calls by their names, and what they are called with."""

from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from systems.acusight.client import AcusightClient
from systems.acusight.settings import AcusightSettings
from systems.acusight.wire import DeviceInfo
from systems.shared.errors import DeviceExists
from tests.systems.shared.calls import Call, System

JWT, TOKEN, KEY = "jwt-of-a-user", "apt_0123abcd", "adk_4567cdef"
ID = "ABCD:1234/é"
INFO = DeviceInfo(
    device_id=ID,
    name="Edge Camera 1",
    hardware_id="RPi4-8GB-v1.4",
    ip_address="192.168.1.100",
    mac_address="00:1A:2B:3C:4D:5E",
    agent_version="1.0.0",
)
ENDPOINT = "https://devices.acusight.test"
CALLS: dict[str, tuple[str, str, Call]] = {
    "provision": (
        "POST",
        "/devices/provision",
        lambda acusight: acusight.provision(SecretStr(TOKEN), INFO),
    ),
    "create_token": (
        "POST",
        "/provisioning-tokens",
        lambda acusight: acusight.create_token("line 7", timedelta(days=7), single_use=True),
    ),
    "tokens": ("GET", "/provisioning-tokens", lambda acusight: acusight.tokens()),
    "revoke_token": (
        "DELETE",
        "/provisioning-tokens/0b1e",
        lambda acusight: acusight.revoke_token("0b1e"),
    ),
    "organization": ("GET", "/organization", lambda acusight: acusight.organization()),
    "rename": (
        "PATCH",
        "/core/devices/ABCD%3A1234%2F%C3%A9",
        lambda acusight: acusight.rename(ID, "Camera 2"),
    ),
    "device_self": (
        "GET",
        f"{ENDPOINT}/api/device/self",
        lambda acusight: acusight.device_self(ENDPOINT, SecretStr(KEY)),
    ),
    "checkin": (
        "POST",
        f"{ENDPOINT}/api/device/checkin",
        lambda acusight: acusight.checkin(ENDPOINT, SecretStr(KEY), "degraded", {"cpu": 0.5}),
    ),
}
OF_DEVICE = ("device_self", "checkin")
OF_USER = ("create_token", "tokens", "revoke_token", "rename", "organization")


def acusight_settings(**changes: Any) -> AcusightSettings:
    """Settings that no environment changes; without TLS, for loading the usual CAs takes long."""
    own = {"url": "https://acusight.test/api", "token": SecretStr(JWT), "verify": False}
    return AcusightSettings(**(own | {"_env_file": None} | changes))


ACUSIGHT = System(
    client=AcusightClient,
    settings=acusight_settings,
    calls=CALLS,
    parsed=[name for name in CALLS if name not in {"revoke_token", "rename"}],
    secrets=(JWT, TOKEN, KEY),
    own_meanings={("provision", 409): DeviceExists},
)
