"""Devices of a small site, its roster, what the simulator counted, and what the ledger holds."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from prefect.client.schemas.objects import State
from sqlalchemy import Engine, text

from fleet.device.secret import Keyring
from ledger.session import open_ledger
from ledger.state.claims import Claim
from simulator.running import RunningSimulator

SITE = "plant-7"
SCOPES = {"acusight": "Acusight organization acusight", "api": "provision_api tenant tenant-a"}


def device(number: int, behavior: str = "prompt", **more: Any) -> dict[str, Any]:
    """A device as the simulator boots it; its host id follows from its number."""
    host_id = None if more.get("own_code") else f"{number:012x}"
    return {
        "name": f"edge-{number:03}",
        "host_id": host_id,
        "macs": [],
        "behavior": behavior,
    } | more


def devices(count: int) -> list[dict[str, Any]]:
    """Devices 1 to `count`, all well-behaved."""
    return [device(number) for number in range(1, count + 1)]


def roster(booted: Iterable[dict[str, Any]]) -> str:
    """The CSV text that names the devices."""
    lines = [f"{d['name']},{d['host_id'] or ''},{d.get('profile') or ''}" for d in booted]
    return "\n".join(["device,host_id,zero_touch", *lines])


def changes(lem: RunningSimulator) -> Counter[str]:
    """How often each call that changes something was made, by the last word of its path."""
    calls = lem.control("calls")["calls"]
    posts = [call for call in calls if call["method"] == "POST"]
    return Counter({call["path"].rpartition("/")[2]: call["count"] for call in posts})


def approvals(lem: RunningSimulator) -> dict[str, int]:
    """How often each request was approved, by its id."""
    counted: dict[str, int] = lem.control("calls")["approvals"]
    return counted


def mixed(lem: int = 0, cameras: int = 0, gateways: int = 0) -> str:
    lines = [f"edge-{n:03},{n:012x}," for n in range(1, lem + 1)]
    lines += [f"cam-{n},DA3E:{n:04}:ABCD,acusight" for n in range(1, cameras + 1)]
    lines += [f"gw-{n},,provision-api" for n in range(1, gateways + 1)]
    return "\n".join(["device,host_id,connection", *lines])


def posts(simulator: RunningSimulator) -> Counter[str]:
    """How often each call that changes something was made, without ids."""
    made = Counter[str]()
    for call in simulator.control("calls")["calls"]:
        if call["method"] != "GET":
            made[call["path"].rpartition("/")[2]] += call["count"]
    return made


def secrets_of(scope: str) -> Keyring:
    with open_ledger() as ledger:
        return ledger.secrets.keyring(Claim(SITE, SCOPES[scope]))


@contextmanager
def at_work(engine: Engine) -> Iterator[None]:
    """Whatever runs have claimed renews, as live ones do."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(0.2):
            with engine.begin() as connection:
                connection.execute(text("UPDATE connection_run SET renewals = renewals + 1"))

    renewing = threading.Thread(target=renew)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()


def without_wait_limit(flow: Any, *args: Any, **kwargs: Any) -> State[Any]:
    """The state in which a flow ended that has no wait limit."""
    state: State[Any] = asyncio.run(flow(*args, **kwargs, return_state=True))
    return state
