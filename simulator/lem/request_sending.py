"""Devices boot, get a code and ask: how requests are made."""

from collections import defaultdict
from collections.abc import Hashable
from functools import partial

from simulator.agenda import Agenda
from simulator.lem.activation_config import ActivationConfig
from simulator.lem.activation_request import ActivationRequest, State
from simulator.lem.booted_device import BootedDevice, BootOrder, switched_on
from simulator.lem.code_choice import CodeChoice
from simulator.lem.provisioning import Provisioning
from simulator.lem.records import Records
from simulator.lem.settings import LemSettings
from simulator.lem.zero_touch import MAKER, ZeroTouchProfile

Key = tuple[str, str]


class RequestSending:
    """The devices of a LEM while they are not admitted yet."""

    def __init__(
        self, records: Records, agenda: Agenda, provisioning: Provisioning, settings: LemSettings
    ) -> None:
        self._records, self._agenda, self._provisioning = records, agenda, provisioning
        self._again = round(settings.ask_again_seconds * 1000)
        self._codes = CodeChoice(records)
        self._waiting: dict[Hashable, list[Key]] = defaultdict(list)

    def resume(self) -> None:
        """Plan the requests of devices that an earlier simulator had booted."""
        for device in self._records.booted:
            if device.asks_at is not None:
                self._plan(device, device.asks_at)

    def boot(self, order: BootOrder, seed: int, now: int) -> dict[str, int]:
        """Switch devices on; those that are on already are left alone."""
        before = len(self._records.booted)
        for wanted in order.devices:
            device = switched_on(wanted, order, seed, now)
            if device.key not in self._records.booted:
                self._records.booted.put(device)
                self._codes.want(device)
                self._codes.pair(device.project, now)
                if device.asks_at is not None:
                    self._plan(device, device.asks_at)
        booting = len(self._records.booted) - before
        return {"booting": booting, "already": len(order.devices) - booting}

    def meet_config(self, config: ActivationConfig, now: int) -> None:
        """Give a new config to the devices that wait for one."""
        self._codes.add(config)
        self._wake(("code", config.code), now)
        for device in self._codes.pair(config.project, now):
            self._wake(("own", device.key), now)
        self._wake(("shared", config.project), now)

    def meet_profile(self, profile: ZeroTouchProfile, now: int) -> None:
        """Give a new profile to the devices that wait for one."""
        self._wake(("profile", profile.project), now)

    def meet_deletion(self, request: ActivationRequest, now: int) -> None:
        """Let the host of a deleted request ask again, if the request was rejected."""
        if request.state is not State.REJECTED:
            return
        self._wake(("host", request.project, request.host_id), now)
        for device in self._records.booted:
            if request.entry_id in device.entries and device.asks_at is None:
                device.asks_at = now
                self._records.booted.put(device)
                self._plan(device, now)

    def _plan(self, device: BootedDevice, when: int) -> None:
        self._agenda.at(when, partial(self._ask, device))

    def _wake(self, reason: Hashable, now: int) -> None:
        for key in self._waiting.pop(reason, []):
            device = self._records.booted.get(key)
            if device:
                self._plan(device, now)

    def _ask(self, device: BootedDevice, when: int) -> None:
        if device.entries and not self._still_pending(device):
            self._rest(device)
        elif self._records.barred(device):
            self._waiting["host", device.project, device.host_id].append(device.key)
        elif config := self._codes.choose(device, when):
            self._send(device, config, max(when, config.created_on))
        else:
            self._waiting[_reason_to_wait(device)].append(device.key)

    def _send(self, device: BootedDevice, config: ActivationConfig, now: int) -> None:
        request = self._records.received(device, config, now)
        device.entries.append(request.entry_id)
        again = device.behavior == "twice" and len(device.entries) == 1
        device.asks_at = now + self._again if again else None
        self._records.booted.put(device)
        if device.asks_at is not None:
            self._plan(device, device.asks_at)
        if config.zero_touch:
            self._provisioning.approve(request, MAKER, now)

    def _still_pending(self, device: BootedDevice) -> bool:
        requests = map(self._records.requests.get, device.entries)
        return all(request is None or request.state is State.PENDING for request in requests)

    def _rest(self, device: BootedDevice) -> None:
        device.asks_at = None
        self._records.booted.put(device)


def _reason_to_wait(device: BootedDevice) -> Hashable:
    if device.code is not None:
        return "code", device.code
    if device.behavior == "zero-touch":
        return "profile", device.project
    return ("own", device.key) if device.own_code else ("shared", device.project)
