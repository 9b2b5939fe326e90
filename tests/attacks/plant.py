"""A plant that is attacked: its LEM, its machines, and what a run makes of them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fleet.device.device import Device
from fleet.nightly.finding import Finding
from fleet.planning.assess import Assessment
from fleet.status.status import DeviceStatus
from simulator.running import RunningSimulator
from tests.tasks.pipeline.unserved import Unserved

EDGE_1 = Device(name="edge-001", host_id="0a1b2c3d4e5f", macs=("02:00:00:00:00:01",))
EDGE_2 = Device(name="edge-002", host_id="0a1b2c3d4e60", macs=("02:00:00:00:00:02",))


class Plant:
    """One site of one LEM. A machine shows what it likes; the roster says what is true."""

    def __init__(self, lem: RunningSimulator, site: Unserved) -> None:
        self._lem = lem
        self._site = site

    def power_on(self, name: str, host_id: str, *macs: str, **more: Any) -> None:
        """A machine asks to be admitted, by the newest code that the site has, and shows this."""
        machine = {"name": name, "host_id": host_id, "macs": list(macs), **more}
        self._lem.control("lem/boot", devices=[machine])

    def onboard(self, *roster: Device, **wishes: Any) -> dict[str, DeviceStatus]:
        """Run the roster until nothing more follows; each device's status."""
        return {status.device.name: status for status in self.assess(*roster, **wishes).statuses}

    def assess(self, *roster: Device, **wishes: Any) -> Assessment:
        return asyncio.run(self._site.onboard(*roster, **wishes))

    def night(self) -> list[Finding]:
        """What the next night finds."""
        return asyncio.run(self._site.night())[0]

    def make_profile(self, name: str) -> None:
        """Make a zero-touch profile, by which LEM admits whoever has its image."""
        self._lem.control("lem/zero-touch", name=name)

    def swap(self, host_id: str, *, shows: str, macs: Sequence[str] = ()) -> None:
        """Another machine takes the place of the one with that host id, and shows this."""
        (entry,) = (r["entry_id"] for r in self.state["requests"] if r["host_id"] == host_id)
        self._lem.control("lem/change", entryID=entry, host_id=shows, macs=list(macs) or None)

    def remove(self, host_id: str) -> None:
        """Delete a machine in LEM, and its request."""
        (request,) = (r for r in self.state["requests"] if r["host_id"] == host_id)
        self._lem.control("lem/delete-device", device_id=request["device_id"])
        self._lem.control("lem/delete-request", entryID=request["entry_id"])

    @property
    def admitted(self) -> set[str]:
        """Host ids of the machines that are devices of LEM."""
        return {device["host_id"] for device in self.state["devices"]}

    @property
    def approvals(self) -> int:
        """How many requests were approved."""
        return sum(self._lem.control("calls")["approvals"].values())

    @property
    def state(self) -> Any:
        """All that LEM holds."""
        return self._lem.control("lem/state")
