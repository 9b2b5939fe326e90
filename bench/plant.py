"""The plant that contenders bring into service: plain devices that ask as soon as they can."""

from typing import Any

SITE = "plant-bench"


def roster(devices: int) -> str:
    """The plant's roster as CSV text."""
    lines = (f"{d['name']},{d['host_id']},{d['macs'][0]}" for d in _devices(devices))
    return "\n".join(["device,host_id,mac", *lines])


def boot_order(project: str, devices: int) -> dict[str, Any]:
    """What powers the plant on in `project` of the simulator, without a boot delay."""
    return {"project": project, "boot_seconds": [0, 0], "devices": _devices(devices)}


def _devices(count: int) -> list[dict[str, Any]]:
    return [
        {
            "name": f"edge-{number:04}",
            "host_id": f"{number:012x}",
            "macs": [f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"],
        }
        for number in range(1, count + 1)
    ]
