"""Rosters over the three systems, and plants in which their devices wait."""

from fleet.device.device import Device
from tests.reliability.machine import Roster
from tests.reliability.plant import SITE, Plant

REVOKED = "gw-old"


def roster(lem: int = 1, cameras: int = 1, gateways: int = 1) -> Roster:
    """So many devices of each system, and a gateway that somebody revoked long ago."""
    return {
        "lem": [Device(name=f"edge-{n}", host_id=f"{n:012x}") for n in range(1, lem + 1)],
        "acusight": [
            Device(name=f"cam-{n}", host_id=f"DA3E:{n:04}:ABCD") for n in range(1, cameras + 1)
        ],
        "provision-api": [
            *(Device(name=f"gw-{n}") for n in range(1, gateways + 1)),
            Device(name=REVOKED),
        ],
    }


async def set_up(plant: Plant, wanted: Roster, **behavior: str) -> None:
    """Switch on the devices of a roster; the revoked one was registered and revoked by hand."""
    await plant.boot(wanted["lem"], **behavior)
    old = {"device_id": REVOKED, "site_id": SITE}
    await plant.control("provision_api/register", devices=[old])
    await plant.control("provision_api/revoke", device_id=REVOKED)
