"""Litmus Edge Manager in the fleet's words."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import SecretStr

from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity, normal_host_id, normal_mac
from fleet.device.request import Progress, Request, Step
from fleet.device.secret import Keyring, Secret
from fleet.state.observation import Observation
from fleet.system.clock import noticed
from fleet.system.enroll import Enroll
from fleet.system.profile import SystemProfile
from fleet.system.quota import Usage
from fleet.system.system import Checkup, Made
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings
from systems.lem.wire import (
    ActivationConfig,
    ActivationRequest,
    ProvisionStep,
    ZeroTouchConfig,
    from_millis,
)
from systems.shared.checkup import Probe, checkup, counted, tried
from systems.shared.codes import enrollment_id
from systems.shared.entries import Entries
from systems.shared.errors import ApiError
from systems.shared.wire import CONTROL

# The vendor publishes neither its pending nor its failed word, so a request is read by its step
# log, and words only where they are known. These are the vendor's own words for running tasks.
_RUNNING = {"", "PENDING", "IN_PROGRESS", "RUNNING", "WAITING", "STARTED", "QUEUED"}
_GOOD = {"DONE", "SKIPPED", "SUCCESS"}
_ENDED = {"REJECTED": Progress.REJECTED, "DEACTIVATED": Progress.DEACTIVATED}
_CODE = re.compile(r"[A-Z0-9]{5}(-[A-Z0-9]{5}){4}", re.IGNORECASE)

# A profile shows neither its expiry nor how many devices it admits. Only LEM knows, and LEM admits
# them by itself; values that never run out keep us from saying that they cannot ask.
_NEVER = datetime.max.replace(tzinfo=UTC)
_COUNTLESS = 1_000_000_000


class Lem:
    """One LEM project: what an observation shows, and the actions on it, one attempt each."""

    def __init__(self, client: LemClient, settings: LemSettings) -> None:
        self._client, self._settings = client, settings
        self._once = False
        self._shown: Observation | None = None
        self.scope = f"LEM project {client.project}"
        self.profile = SystemProfile(
            system="LEM",
            enrollment="activation config",
            enroll="create activation config for",
            enroll_phrase="create activation config",
            admit="approve",
            can_adopt=True,
            has_zero_touch=True,
            enroll_calls=2,
            observe_calls=3,
            recheck_calls=1,
            quota=settings.quota,
            concurrency=settings.concurrency,
        )

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: LemSettings) -> AsyncIterator["Lem"]:
        """The project that `settings` name, for as long as the context lasts."""
        async with LemClient.connect(settings) as client:
            yield cls(client, settings)

    @property
    def calls(self) -> int:
        """How many of its calls were made so far."""
        return self._client.pace.calls

    async def usage(self) -> Usage:
        """What the quota's present window has seen."""
        return await self._client.pace.usage()

    def only_observe_once(self) -> None:
        """Show the first observation from now on; it always includes the profiles."""
        self._once = True

    async def observe(self, site: str, devices: Sequence[Device], keyring: Keyring) -> Observation:
        """One observation: a list call each for configs, requests, devices and any profiles."""
        if self._shown is not None:
            return self._shown
        zero_touch = self._once or any(device.zero_touch for device in devices)
        configs, requests, present, profiles = await asyncio.gather(
            self._client.configs(),
            self._client.requests(),
            self._client.devices(),
            self._client.zero_touch_configs() if zero_touch else _nothing(),
        )
        shown = Observation(
            enrollments=_enrollments(configs, profiles),
            requests=tuple(_request(request) for request in requests),
            present=frozenset(_plain(device.id) for device in present),
            unreadable=(
                *configs.unreadable,
                *requests.unreadable,
                *present.unreadable,
                *profiles.unreadable,
            ),
            skew=noticed(self._client.skew),
        )
        self._shown = shown if self._once else None
        return shown

    async def requests(self) -> tuple[Request, ...]:
        """Every request as it is now, whatever was observed before."""
        return tuple(_request(request) for request in await self._client.requests())

    async def turn(self, calls: int) -> None:
        """Wait until so many calls may be made."""
        await self._client.pace.reserve(calls)

    async def enroll(self, site: str, enroll: Enroll, fingerprint: datetime) -> Made:
        """Make a new activation config, which expires at `fingerprint` and is found again by it.

        LEM's answer is not all that it stores, so the config is read back by its code. LEM shows
        the code at any time, so there is no secret to be sealed.
        """
        made = await self._client.add_config(fingerprint, enroll.capacity)
        with suppress(ApiError):  # it was made all the same, and the next observation shows it
            made = await self._client.config(made.code)
        return Made(_enrollment(made))

    async def admit(self, device: Device, request: Request, keyring: Keyring) -> tuple[Secret, ...]:
        """Approve `request`. LEM gives the key to the device alone."""
        await self._client.approve(int(request.id))
        return ()

    async def reject(self, request: Request) -> None:
        """Reject `request`."""
        await self._client.reject(int(request.id))

    async def retry(self, request: Request) -> None:
        """Run the failed provisioning of `request` again."""
        await self._client.retry_provisioning(int(request.id))

    async def retire(self, site: str, device: Device, keyring: Keyring) -> str:
        """LEM documents no call for this, so a person has to do all of it."""
        return (
            "LEM documents no call for this. In LEM, delete the device; then delete its activation "
            "request, or the device can never ask again. Then take its line off the roster"
        )

    async def check(self, now: datetime) -> Checkup:
        """Try the four list calls that Muster makes."""
        client = self._client
        devices = Probe("devices", client.devices)
        probes = await tried(
            Probe("activation configs", client.configs),
            Probe("requests", client.requests),
            devices,
            Probe("zero-touch profiles", client.zero_touch_configs),
        )
        who = f"project {client.project}"
        if devices.answer is not None:
            who += f", {counted(len(devices.answer), 'active device')}"
        return checkup(who, probes, self._settings, client.skew)


async def _nothing() -> Entries[ZeroTouchConfig]:
    return Entries()


def _enrollments(
    configs: list[ActivationConfig], profiles: list[ZeroTouchConfig]
) -> tuple[Enrollment, ...]:
    """Those of the configs, named by their profiles; then those that only profiles show."""
    codes = {p.config_name: p.zt_config.activation.code for p in profiles if p.zt_config}
    behind = {enrollment_id(code): name for name, code in codes.items() if code}
    listed = [_enrollment(config) for config in configs]
    named = [replace(each, profile=behind.get(each.id)) for each in listed]
    ids = {each.id for each in listed}
    unlisted = [
        Enrollment(enrollment_id(code), _ending(code), _NEVER, _COUNTLESS, profile=name)
        for name, code in codes.items()
        if code and enrollment_id(code) not in ids
    ]
    return (*named, *unlisted)


def _enrollment(config: ActivationConfig) -> Enrollment:
    return Enrollment(
        id=enrollment_id(config.code),
        ending=_ending(config.code),
        expires_at=from_millis(config.expires_at),
        capacity=config.device_count,
        used=config.usage_count,
    )


def _ending(code: SecretStr) -> str:
    return _plain(code.get_secret_value()).rpartition("-")[2][-5:]


def _request(entry: ActivationRequest) -> Request:
    return Request(
        id=str(entry.entry_id),
        enrollment_id=enrollment_id(entry.code) if entry.code else "",
        identity=_identity(entry),
        progress=_progress(entry),
        status=_without_code(entry, entry.status),
        hostname=_without_code(entry, entry.hostname),
        message=_without_code(entry, _complaint(entry)),
        device_id=_plain(entry.device_id or "") or None,
        asked_at=from_millis(entry.created_on) if entry.created_on else None,
        steps=tuple(_step(entry, step) for step in entry.provision_status),
        hardware=_without_code(entry, _hardware(entry)),
        version=_without_code(entry, entry.info.version if entry.info else ""),
    )


def _hardware(entry: ActivationRequest) -> str:
    """Its virtualization, if it reports one, or its kind of hardware."""
    return (entry.info.virtualization or entry.info.hw) if entry.info else ""


def _step(entry: ActivationRequest, step: ProvisionStep) -> Step:
    at = from_millis(step.updated_at) if step.updated_at else None
    name = _without_code(entry, step.step_name or step.step)
    return Step(name, _without_code(entry, step.step_status), at)


def _without_code(entry: ActivationRequest, text: str) -> str:
    """`text` of a request, plain, without its own code or any that looks like one."""
    own, text = _plain(entry.code.get_secret_value()), _plain(text)
    return _CODE.sub("(code)", text.replace(own, "(code)") if own else text)


def _plain(text: str) -> str:
    """`text` in one line and without control characters.

    A device chooses some of these texts, and PostgreSQL refuses those that hold a NUL.
    """
    return CONTROL.sub("", " ".join(text.splitlines()))


def _identity(entry: ActivationRequest) -> Identity:
    """What the machine says of itself; what is no MAC or host id cannot match and is left out."""
    macs = {mac for text in entry.mac_address.split(",") if (mac := _normal(normal_mac, text))}
    return Identity(_normal(normal_host_id, entry.host_id), frozenset(macs))


def _normal(reader: Callable[[str], str], text: str) -> str | None:
    try:
        return reader(text)
    except ValueError:
        return None


def _progress(entry: ActivationRequest) -> Progress:
    """How far the request has come, by its known words first and then by its step log."""
    status = entry.status.upper()
    if status in _ENDED:
        return _ENDED[status]
    if _says_failed(status) or any(_has_failed(entry, step) for step in entry.provision_status):
        return Progress.FAILED
    if status == "ACTIVATED":
        return Progress.PROVISIONED if _is_complete(entry) else Progress.PROVISIONING
    return Progress.PROVISIONING if _is_approved(entry) else Progress.WAITING


def _is_complete(entry: ActivationRequest) -> bool:
    return all(
        step.step_status.upper() in _GOOD and step.stage_status.upper() in _GOOD | {""}
        for step in entry.provision_status
    )


def _is_approved(entry: ActivationRequest) -> bool:
    return entry.status.upper() in {"APPROVED", "ACTIVATED"} or any(
        step.step == "APPROVED" and step.step_status.upper() in _GOOD
        for step in entry.provision_status
    )


def _has_failed(entry: ActivationRequest, step: ProvisionStep) -> bool:
    """Whether a step ended badly: by its word, or by an unknown word that comes with a reason.

    Of a request that still waits, an unknown word is no failure: nothing was tried.
    """
    word = step.step_status.upper()
    is_unknown = word not in _GOOD | _RUNNING
    return _says_failed(word) or (is_unknown and bool(step.message) and _is_approved(entry))


def _says_failed(word: str) -> bool:
    return "FAIL" in word or "ERROR" in word


def _complaint(entry: ActivationRequest) -> str:
    """Why a request failed, in the system's words: that of its failed step, else its own."""
    failed = [step for step in entry.provision_status if _has_failed(entry, step)]
    messages = [f"{s.step_name or s.step}: {s.message or s.step_status}" for s in failed]
    return "; ".join(messages) or entry.message
