"""The simulated plant-7: a roster of 60 devices, and how those of LEM behave when they boot.

Muster itself provisions and activates those of Acusight and provision_api, so none of them boots.
"""

from pathlib import Path
from typing import Any

import httpx

from fleet.device.device import Device
from sheets.read import read_roster

SITE = "plant-7"
ROSTER = Path(__file__).with_name("plant-7.csv")
PROFILE = "line-3"
BEHAVIORS = {"edge-013": "late", "edge-027": "fails-once", "edge-031": "extra-mac"}
UNKNOWN_DEVICE = {"name": "unknown-device", "behavior": "unknown-device", "after": 5}


def boot_plant(simulator: str) -> None:
    """Power its LEM devices on. They ask as soon as there is a code. Safe to repeat."""
    roster = read_roster(ROSTER.read_text(encoding="utf-8"), SITE, "lem")
    devices = roster.by_connection["lem"]
    with httpx.Client(base_url=f"{simulator}/_simulator/", trust_env=False) as control:
        for path, body in (
            ("lem/zero-touch", {"name": PROFILE, "device_count": 10}),
            (
                "lem/boot",
                {"devices": [*map(_booted, devices), UNKNOWN_DEVICE], "boot_seconds": [0, 12]},
            ),
        ):
            control.post(path, json=body).raise_for_status()


def _booted(device: Device) -> dict[str, Any]:
    behavior = "zero-touch" if device.zero_touch else BEHAVIORS.get(device.name, "prompt")
    return {
        "name": device.name,
        "host_id": device.host_id,
        "macs": list(device.macs),
        "behavior": behavior,
        "profile": device.zero_touch,
        "own_code": not device.identity,
    }
