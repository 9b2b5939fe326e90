"""The world around a month: it moves the simulator's clock and lets events happen."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from deployments.month_plan import Event, Plan
from deployments.month_scenario import What

ELSEWHERE = "plant-9"  # where a device is registered by mistake
COLLEAGUE = "a colleague"
Call = tuple[str, dict[str, Any]]  # the path of a control, and its body


class CannotHappen(Exception):
    """An event that is not possible now, such as deleting a device that was never admitted."""


class World:
    """The simulated systems, by their control surface, for as long as the `with` lasts."""

    def __init__(self, simulator: str, plan: Plan) -> None:
        self._plan = plan
        self._projects = {site.name: site.project for site in plan.scenario.sites}
        self._control = httpx.Client(base_url=f"{simulator}/_simulator/", trust_env=False)
        self._controls: dict[What, Callable[[Event], Call]] = {
            What.POWERED_ON: self._power_on,
            What.UNKNOWN_DEVICE: self._power_on,
            What.ADMITTED: self._admit,
            What.REJECTED: self._reject,
            What.REVIVED: self._revive,
            What.REPAIRED: self._repair,
            What.DELETED: self._delete,
            What.FORGOTTEN: self._forget,
            What.MOVED: self._move,
            What.REVOKED: self._revoke,
            What.DOWN: self._down,
            What.UP: self._up,
        }

    def __enter__(self) -> Self:
        """Return the world; nothing happens yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection to the simulator."""
        self._control.close()

    def now(self) -> datetime:
        """What the simulator's clock shows."""
        milliseconds: int = self._control.get("clock").raise_for_status().json()["now"]
        return datetime.fromtimestamp(milliseconds / 1000, UTC)

    def advance_to(self, moment: datetime) -> None:
        """Let it be `moment`; time does not go back."""
        seconds = (moment - self.now()).total_seconds()
        self._call("clock", advance_seconds=max(0.0, seconds))

    def happen(self, event: Event) -> None:
        """Let `event` happen now; CannotHappen when the system that it concerns refuses it."""
        if call_of := self._controls.get(event.what):
            path, body = call_of(event)
            self._call(path, **body)

    def _down(self, event: Event) -> Call:
        return "down", {"system": event.system}

    def _up(self, event: Event) -> Call:
        return "up", {"system": event.system}

    def _move(self, event: Event) -> Call:
        moved = {"device_id": event.device, "site_id": ELSEWHERE}
        return "provision_api/register", {"devices": [moved]}

    def _revoke(self, event: Event) -> Call:
        return "provision_api/revoke", {"device_id": event.device}

    def _revive(self, event: Event) -> Call:
        """Register it as another administrator would, and power it on with its new code."""
        known = {"device_id": event.device, "site_id": event.site}
        codes = self._call("provision_api/register", devices=[known])["codes"]
        booted = {"device_id": event.device, "code": codes[event.device]}
        return "provision_api/boot", {"devices": [booted]}

    def _delete(self, event: Event) -> Call:
        if event.system == "acusight":
            host_id = self._plan.devices[event.device].host_id
            return "acusight/delete-device", {"device_id": host_id}
        device_id = self._request(event.device)["device_id"]
        if device_id is None:
            raise CannotHappen(f"{event.device} is not in LEM yet")
        return "lem/delete-device", {"device_id": device_id}

    def _admit(self, event: Event) -> Call:
        entry = self._request(event.device)["entry_id"]
        return "lem/approve", {"entryID": entry, "by": COLLEAGUE}

    def _reject(self, event: Event) -> Call:
        entry = self._request(event.device)["entry_id"]
        return "lem/reject", {"entryID": entry, "by": COLLEAGUE}

    def _forget(self, event: Event) -> Call:
        entry = self._request(event.device)["entry_id"]
        return "lem/delete-request", {"entryID": entry, "by": COLLEAGUE}

    def _repair(self, event: Event) -> Call:
        return "lem/repair", {"entryID": self._request(event.device)["entry_id"]}

    def _power_on(self, event: Event) -> Call:
        device = self._plan.devices[event.device]
        ordered = {
            "name": device.name,
            "host_id": device.host_id or None,
            "macs": list(device.macs),
            "behavior": device.behavior,
            "version": device.version,
        }
        return "lem/boot", {"project": self._projects[device.site], "devices": [ordered]}

    def _request(self, device: str) -> dict[str, Any]:
        """The newest request of a device, as the simulator shows it."""
        state = self._control.get("lem/state").raise_for_status().json()
        booted = next((each for each in state["booted"] if each["name"] == device), None)
        entries = booted["entries"][-1:] if booted else []
        for request in state["requests"]:
            if request["entry_id"] in entries:
                found: dict[str, Any] = request
                return found
        raise CannotHappen(f"{device} has no request")

    def _call(self, path: str, **body: Any) -> Any:
        reply = self._control.post(path, json=body)
        if reply.is_client_error:
            raise CannotHappen(str(reply.json()["detail"]))
        return reply.raise_for_status().json()
