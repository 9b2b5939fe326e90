"""Looks at a LEM that shows what a test says, in the wire's own words."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from fleet.device.device import Device
from fleet.device.request import Request
from fleet.device.secret import Keyring
from fleet.state.observation import Observation
from systems.lem.adapter import Lem
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings

CODE = "PLANT-EDCOD-E0000-00000-00001"
RECEIVED_AT = 1773059415123
AT = datetime(2026, 3, 9, 12, 30, 15, 123000, tzinfo=UTC)
Wire = dict[str, Any]


def step(name: str, status: str = "DONE", message: str | None = None, **more: Any) -> Wire:
    own = {"stage": "ACTIVATION", "stageName": "Activation", "stageStatus": status, "step": name}
    words = {"stepName": "", "stepStatus": status, "message": message, "updatedAt": RECEIVED_AT}
    return own | words | more


RECEIVED = step("RECEIVED")
APPROVED = step("APPROVED")
CONFIRMED = step("CONFIRMED")
LICENSES = [
    step("LICENSE_GENERATED", "SKIPPED", "No license key defined", stageStatus="DONE"),
    step("LICENSE_PROVISIONED", "SKIPPED", "No license key defined", stageStatus="DONE"),
]
ALL_DONE = [RECEIVED, APPROVED, CONFIRMED, *LICENSES]


def entry(status: str = "PENDING", *steps: Wire, **more: Any) -> Wire:
    own = {"entryID": 4, "code": CODE, "status": status, "provisionStatus": list(steps)}
    return own | {"hostname": "litmus-edge-1", "createdOn": RECEIVED_AT} | more


def config(code: str = CODE, **more: Any) -> Wire:
    own = {"projectId": "p1", "code": code, "expiresAt": RECEIVED_AT, "deviceCount": 3}
    return own | {"usageCount": 1} | more


def profile(name: str, code: str) -> Wire:
    return {"configName": name, "ztConfig": {"activation": {"code": code}}}


def page(elements: list[Wire]) -> Wire:
    numbers = {"pageNum": 0, "pagesCount": 1, "totalSize": len(elements)}
    return numbers | {"elements": elements}


def observation(
    requests: list[Wire] | None = None,
    configs: list[Wire] | None = None,
    devices: list[Wire] | None = None,
    profiles: list[Wire] | None = None,
    zero_touch: bool = True,
) -> Observation:
    """What an observation shows of a LEM whose lists are these."""
    lists: dict[str, Any] = {
        "/api/v1/activation/config/list": configs or [],
        "/api/v1/activation/request": requests or [],
        "/api/v1/device/p1": page(devices or []),
        "/api/v1/zt/p1/config": page(profiles or []),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=lists[request.url.path])

    async def observed() -> Observation:
        settings = LemSettings(_env_file=None, project="p1", token=SecretStr("t"), verify=False)
        async with LemClient.connect(settings, httpx.MockTransport(answer)) as client:
            devices = (Device(name="d", macs=("020000000001",), zero_touch="p"),)
            wanted = devices if zero_touch else ()
            return await Lem(client, settings).observe("plant-7", wanted, Keyring())

    return asyncio.run(observed())


def seen(request: Wire) -> Request:
    """One request as an observation shows it."""
    (found,) = observation(requests=[request]).requests
    return found
