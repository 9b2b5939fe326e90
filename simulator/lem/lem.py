"""One Litmus Edge Manager: its rules about configs, requests, devices and profiles."""

from collections import Counter
from typing import Any

import orjson

from simulator.agenda import Agenda
from simulator.clock import Clock
from simulator.lem.activation_config import ActivationConfig, NewConfig, made_of
from simulator.lem.activation_request import ActivationRequest, State
from simulator.lem.booted_device import OTHER_MACHINE, Behavior, BootOrder
from simulator.lem.device import Device
from simulator.lem.provisioning import Provisioning
from simulator.lem.records import Records
from simulator.lem.request_sending import RequestSending
from simulator.lem.settings import LemSettings
from simulator.lem.zero_touch import NewProfile, ZeroTouchProfile
from simulator.replies import Refused
from simulator.store import Store

FINAL = {State.REJECTED, State.ACTIVATED, State.DEACTIVATED}
DAY = 24 * 60 * 60 * 1000


class Lem:
    """What LEM does when it is asked. Each method is one call's work, and refuses by its rules."""

    def __init__(
        self, settings: LemSettings, seed: int, clock: Clock, agenda: Agenda, store: Store
    ) -> None:
        self.settings, self.seed, self._clock = settings, seed, clock
        self.records = Records(store, seed)
        self._provisioning = Provisioning(self.records, agenda, settings)
        self._request_sending = RequestSending(self.records, agenda, self._provisioning, settings)
        self.approvals: Counter[int] = Counter()
        self.configs_added = 0
        self._provisioning.resume()
        self._request_sending.resume()

    def configs(self, project: str) -> list[ActivationConfig]:
        """Every config of a project, oldest first."""
        return [config for config in self.records.configs if config.project == project]

    def config(self, project: str, code: str) -> ActivationConfig:
        """The config with this code."""
        config = self.records.configs.get(code)
        if config is None or config.project != project:
            raise Refused(404, "no config has this code")
        return config

    def add_config(self, new: NewConfig) -> ActivationConfig:
        """Make a config; two equal calls make two."""
        if new.code in self.records.configs:
            raise Refused(400, "the code is taken")
        if self.settings.past_expiry == "refused" and new.expires_at <= self._clock.now():
            raise Refused(400, "expiresAt is past")
        new = new.model_copy(update={"expires_at": self._stored_expiry(new.expires_at)})
        config = made_of(new, new.code or self.records.new_code(), self._clock.now())
        self.configs_added += 1
        self._publish(config)
        return config

    def requests_json(self, project: str) -> list[orjson.Fragment]:
        """Every request of a project, whatever its state, as the list shows it."""
        requests = self.records.requests
        mine = [request for request in requests if request.project == project]
        listed = [requests.json_of(request, self._shape) for request in mine]
        for request in mine:
            self._swap_once("swapped-once-listed", request)
        return listed

    def request(self, entry_id: int, project: str | None = None) -> ActivationRequest:
        """One request, in `project` if that is given."""
        request = self.records.requests.get(entry_id)
        if request is None or project not in (None, request.project):
            raise Refused(404, "no request has this entryID")
        return request

    def approve(self, request: ActivationRequest, by: str) -> None:
        """Approve a request. A second time changes nothing."""
        if request.state in (State.REJECTED, State.DEACTIVATED):
            raise self._against_the_rules(f"the request is {request.state}")
        if request.state is State.PENDING:
            self._swap_once("swapped-once-approved", request)
            self._provisioning.approve(request, by, self._clock.now())
        elif self.settings.approve_twice == "refused":
            raise self._against_the_rules("the request is approved already")
        self.approvals[request.entry_id] += 1

    def reject(self, request: ActivationRequest, by: str) -> None:
        """Reject a request, unless it has ended."""
        if request.state in FINAL:
            raise self._against_the_rules(f"the request is {request.state}")
        self._provisioning.reject(request, by)

    def retry(self, request: ActivationRequest) -> None:
        """Run the failed step of a request again."""
        if request.state is State.REJECTED:
            raise self._against_the_rules("the request is rejected")
        if request.state is State.FAILED:
            self._provisioning.retry(request, self._clock.now())
        elif self.settings.retry_unfailed == "refused":
            raise self._against_the_rules("the request has not failed")

    def devices(self, project: str, status: str) -> list[Device]:
        """The devices of a project that the list shows now, in one lifecycle status."""
        now = self._clock.now()
        return [
            device
            for device in self.records.devices
            if device.project == project and device.status == status and device.visible_from <= now
        ]

    def profiles(self, project: str) -> list[ZeroTouchProfile]:
        """The zero-touch profiles of a project."""
        return [profile for profile in self.records.profiles if profile.project == project]

    def boot(self, order: BootOrder) -> dict[str, int]:
        """Switch devices on."""
        seed = self.seed if order.seed is None else order.seed
        return self._request_sending.boot(order, seed, self._clock.now())

    def make_profile(self, new: NewProfile) -> ZeroTouchProfile:
        """Make a zero-touch profile with a code of its own, once per name."""
        project = new.project or self.settings.projects[0]
        known = self.records.profiles.get((project, new.name))
        if known:
            return known
        now = self._clock.now()
        body = NewConfig(
            projectId=project,
            expiresAt=now + round(new.days * DAY),
            deviceCount=new.device_count,
        )
        config = made_of(body, self.records.new_code(), now)
        config.zero_touch = True
        profile = ZeroTouchProfile(project, new.name, config.code, now)
        self.records.profiles.put(profile)
        self._publish(config)
        self._request_sending.meet_profile(profile, now)
        return profile

    def delete(self, request: ActivationRequest) -> None:
        """Delete a decided request, as only LEM's own pages can."""
        if request.state is State.PENDING:
            raise self._against_the_rules("the request is neither approved nor rejected")
        self.records.forget(request)
        self._request_sending.meet_deletion(request, self._clock.now())

    def deactivate(self, request: ActivationRequest, by: str) -> None:
        """Take an activated device out of service, as only LEM's own pages can."""
        if request.state is not State.ACTIVATED:
            raise self._against_the_rules(f"the request is {request.state}")
        self._provisioning.deactivate(request, by)

    def delete_device(self, device_id: str) -> None:
        """Delete a device, as only LEM's own pages can; its request and its place stay used up."""
        if device_id not in self.records.devices:
            raise Refused(404, "no device has this id")
        self.records.devices.drop(device_id)

    def repair(self, request: ActivationRequest) -> None:
        """Remove what makes the request of a device fail or hang; it does not retry."""
        self._provisioning.repair(request, self._clock.now())
        for device in self.records.booted:
            if request.entry_id in device.entries:
                device.behavior = "prompt"
                self.records.booted.put(device)

    def change(
        self,
        request: ActivationRequest,
        host_id: str | None,
        macs: list[str] | None,
        version: str | None,
    ) -> None:
        """Change what a device says of itself; None leaves it unchanged."""
        self.records.move(request, host_id or request.host_id)
        request.macs = macs or request.macs
        request.version = version or request.version
        self.records.requests.put(request)

    def _swap_once(self, when: Behavior, request: ActivationRequest) -> None:
        """Another machine takes the place of one that behaves so; it shows the same MACs."""
        if request.behavior == when:
            request.behavior = "prompt"
            self.change(request, OTHER_MACHINE, None, None)

    def effects(self) -> dict[str, Any]:
        """What was done, by name: approvals by entry, and configs added."""
        approvals = {str(entry): count for entry, count in self.approvals.items()}
        return {"approvals": approvals, "configs_added": self.configs_added}

    def forget_effects(self) -> None:
        """Start counting from zero."""
        self.approvals.clear()
        self.configs_added = 0

    def now(self) -> int:
        """The simulated time."""
        return self._clock.now()

    def _shape(self, request: ActivationRequest) -> dict[str, Any]:
        return request.shape(self.settings)

    def _stored_expiry(self, expires_at: int) -> int:
        longest = self.settings.longest_life_seconds
        if longest is not None:
            expires_at = min(expires_at, self._clock.now() + round(longest * 1000))
        to_second = self.settings.expiry_stored_to == "second"
        return expires_at // 1000 * 1000 if to_second else expires_at

    def _publish(self, config: ActivationConfig) -> None:
        self.records.configs.put(config)
        self._request_sending.meet_config(config, self._clock.now())

    def _against_the_rules(self, reason: str) -> Refused:
        return Refused(self.settings.rule_status, reason)
