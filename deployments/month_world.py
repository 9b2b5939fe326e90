"""The world around a month: it lets time pass, and events happen at the simulator's controls."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from deployments.month_plan import Event, Plan
from deployments.month_scenario import What

ELSEWHERE = "plant-9"  # where a device is registered by mistake
COLLEAGUE = "a colleague"
Said = tuple[str, dict[str, Any]]  # the path of a control, and what it is told


class CannotHappen(Exception):
    """An event that is not possible by now, such as the deletion of a device that never came in."""


class World:
    """The simulated systems, by their control surface, for as long as the `with` lasts."""

    def __init__(self, simulator: str, plan: Plan) -> None:
        self._plan = plan
        self._projects = {site.name: site.project for site in plan.scenario.sites}
        self._control = httpx.Client(base_url=f"{simulator}/_simulator/", trust_env=False)
        self._controls: dict[What, Callable[[Event], Said]] = {
            What.POWERED_ON: self._power_on,
            What.UNKNOWN_DEVICE: self._power_on,
            What.ADMITTED: self._admitted,
            What.REJECTED: self._reject,
            What.REVIVED: self._revive,
            What.REPAIRED: self._remedy,
            What.DELETED: self._delete,
            What.FORGOTTEN: self._forget,
            What.MOVED: self._move,
            What.REVOKED: self._revoke,
            What.DOWN: self._down,
            What.UP: self._up,
        }

    def __enter__(self) -> Self:
        """Nothing happens yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing happens any more."""
        self._control.close()

    def now(self) -> datetime:
        """What the simulator's clock shows."""
        message: int = self._control.get("clock").raise_for_status().json()["now"]
        return datetime.fromtimestamp(message / 1000, UTC)

    def advance_to(self, moment: datetime) -> None:
        """Let it be `moment`; time does not go back."""
        seconds = (moment - self.now()).total_seconds()
        self._say("clock", advance_seconds=max(0.0, seconds))

    def happen(self, event: Event) -> None:
        """Let `event` happen now; CannotHappen when the system that it concerns refuses it."""
        if message_of := self._controls.get(event.what):
            path, body = message_of(event)
            self._say(path, **body)

    def _down(self, event: Event) -> Said:
        return "down", {"system": event.system}

    def _up(self, event: Event) -> Said:
        return "up", {"system": event.system}

    def _move(self, event: Event) -> Said:
        moved = {"device_id": event.device, "site_id": ELSEWHERE}
        return "provision_api/register", {"devices": [moved]}

    def _revoke(self, event: Event) -> Said:
        return "provision_api/revoke", {"device_id": event.device}

    def _revive(self, event: Event) -> Said:
        """Register it as another administrator would, and power it on with the code told."""
        known = {"device_id": event.device, "site_id": event.site}
        codes = self._say("provision_api/register", devices=[known])["codes"]
        booted = {"device_id": event.device, "code": codes[event.device]}
        return "provision_api/boot", {"devices": [booted]}

    def _delete(self, event: Event) -> Said:
        if event.system == "acusight":
            host_id = self._plan.devices[event.device].host_id
            return "acusight/delete-device", {"device_id": host_id}
        device_id = self._request(event.device)["device_id"]
        if device_id is None:
            raise CannotHappen(f"{event.device} is no device of LEM's yet")
        return "lem/delete-device", {"device_id": device_id}

    def _admitted(self, event: Event) -> Said:
        entry = self._request(event.device)["entry_id"]
        return "lem/approve", {"entryID": entry, "by": COLLEAGUE}

    def _reject(self, event: Event) -> Said:
        entry = self._request(event.device)["entry_id"]
        return "lem/reject", {"entryID": entry, "by": COLLEAGUE}

    def _forget(self, event: Event) -> Said:
        entry = self._request(event.device)["entry_id"]
        return "lem/delete-request", {"entryID": entry, "by": COLLEAGUE}

    def _remedy(self, event: Event) -> Said:
        return "lem/mend", {"entryID": self._request(event.device)["entry_id"]}

    def _power_on(self, event: Event) -> Said:
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
        """The newest request of a device, in the simulator's own words."""
        state = self._control.get("lem/state").raise_for_status().json()
        booted = next((each for each in state["booted"] if each["name"] == device), None)
        entries = booted["entries"][-1:] if booted else []
        for request in state["requests"]:
            if request["entry_id"] in entries:
                messages: dict[str, Any] = request
                return messages
        raise CannotHappen(f"{device} has no request")

    def _say(self, path: str, **body: Any) -> Any:
        reply = self._control.post(path, json=body)
        if reply.is_client_error:
            raise CannotHappen(str(reply.json()["detail"]))
        return reply.raise_for_status().json()
