"""Devices of a small site, its roster, and what a simulated LEM counted."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from simulator.running import RunningSimulator

SITE = "plant-7"


def device(number: int, behaviour: str = "prompt", **more: Any) -> dict[str, Any]:
    """A device as the simulator boots it; its host id follows from its number."""
    host_id = None if more.get("own_code") else f"{number:012x}"
    return {
        "name": f"edge-{number:03}",
        "host_id": host_id,
        "macs": [],
        "behaviour": behaviour,
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
