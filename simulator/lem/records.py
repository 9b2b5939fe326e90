"""Everything that one LEM stores: its shelves, with indexes that keep thousands of devices fast."""

from dataclasses import dataclass
from operator import attrgetter

from simulator.draw import word
from simulator.lem.activation_config import ActivationConfig
from simulator.lem.activation_request import ActivationRequest, Progress, State, Step
from simulator.lem.booted_device import BootedDevice
from simulator.lem.device import Device
from simulator.lem.zero_touch import ZeroTouchProfile
from simulator.store import Shelf, Store

CODE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(slots=True)
class LastEntry:
    """The number of the newest request; no later request gets it, even after a deletion."""

    number: int


class Records:
    """The shelves of one LEM."""

    def __init__(self, store: Store, seed: int) -> None:
        self.seed = seed
        self.configs = Shelf(store, "lem-config", ActivationConfig, key=attrgetter("code"))
        self.requests = Shelf(store, "lem-request", ActivationRequest, key=attrgetter("entry_id"))
        self.devices = Shelf(store, "lem-device", Device, key=attrgetter("id"))
        self.profiles = Shelf(store, "lem-profile", ZeroTouchProfile, key=attrgetter("key"))
        self.booted = Shelf(store, "lem-booted", BootedDevice, key=attrgetter("key"))
        self._last = Shelf(store, "lem-last-entry", LastEntry, key=lambda _: "last")
        self._of_host: dict[tuple[str, str], list[int]] = {}
        for request in self.requests:
            self._index(request)

    def new_code(self) -> str:
        """A code that does not exist yet."""
        at = len(self.configs)
        while True:
            letters = word(CODE_LETTERS, 25, self.seed, "code", at)
            code = "-".join(letters[start : start + 5] for start in range(0, 25, 5))
            if code not in self.configs:
                return code
            at += 1

    def received(
        self, device: BootedDevice, config: ActivationConfig, now: int
    ) -> ActivationRequest:
        """The new request of `device`, which asks by the code of `config`."""
        request = ActivationRequest(
            entry_id=self._next_entry(),
            project=device.project,
            code=config.code,
            host_id=device.host_id,
            macs=device.macs,
            version=device.version,
            pretty_name=device.pretty_name,
            license_type=config.terms["licenseType"],
            created_on=now,
            behavior=device.behavior,
            steps=[Step("RECEIVED", Progress.DONE, now)],
        )
        self.requests.put(request)
        self._index(request)
        return request

    def move(self, request: ActivationRequest, host_id: str) -> None:
        """Give a request another host id."""
        self._of_host[request.project, request.host_id].remove(request.entry_id)
        request.host_id = host_id
        self._index(request)

    def forget(self, request: ActivationRequest) -> None:
        """Delete a request for good."""
        self.requests.drop(request.entry_id)
        self._of_host[request.project, request.host_id].remove(request.entry_id)

    def barred(self, device: BootedDevice) -> bool:
        """Whether a rejected request of the same host keeps `device` from asking."""
        entries = self._of_host.get((device.project, device.host_id), [])
        requests = map(self.requests.get, entries)
        return any(request and request.state is State.REJECTED for request in requests)

    def _index(self, request: ActivationRequest) -> None:
        self._of_host.setdefault((request.project, request.host_id), []).append(request.entry_id)

    def _next_entry(self) -> int:
        last = self._last.get("last")
        number = last.number + 1 if last else 1
        self._last.put(LastEntry(number))
        return number
