"""A toy system in the fleet's words: devices are registered, and enter with a badge."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.device.secret import Keyring, Secret, SecretKind
from fleet.state.observation import Observation
from fleet.system.enroll import Enroll
from fleet.system.profile import Admission, SystemProfile
from fleet.system.system import Checkup, Made
from systems.shared.checkup import Probe, checkup, tried
from systems.shared.codes import enrollment_id
from systems.shared.errors import Refused
from tests.systems.toy.client import ToyClient
from tests.systems.toy.settings import ToySettings
from tests.systems.toy.wire import ToyDevice

_PROGRESS = {"in": Progress.PROVISIONED, "new": Progress.WAITING}


class Toy:
    """One account of a toy system."""

    def __init__(self, client: ToyClient, settings: ToySettings) -> None:
        self._client, self._settings = client, settings
        self._once = False
        self._first: list[ToyDevice] | None = None
        self.scope = f"Toy account {settings.account}"
        self.profile = SystemProfile(
            system="Toy",
            enrollment="badge",
            enroll="register",
            enroll_phrase="register",
            admit="enter",
            admission=Admission.BY_CODE,
            shares_enrollments=False,
            lost_key_remedy="Remove the device in Toy; then run again",
            quota=settings.quota,
            concurrency=settings.concurrency,
        )

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: ToySettings) -> AsyncIterator["Toy"]:
        """The account that `settings` name, for as long as the context lasts."""
        async with ToyClient.connect(settings) as client:
            yield cls(client, settings)

    @property
    def calls(self) -> int:
        """How many of its calls were made so far."""
        return self._client.pace.calls

    def only_observe_once(self) -> None:
        """Show from now on the devices as they are shown first."""
        self._once = True

    async def observe(self, site: str, devices: Sequence[Device], keyring: Keyring) -> Observation:
        """One list call, whatever the number of devices."""
        found = await self._client.devices() if self._first is None else self._first
        self._first = found if self._once else None
        asked = {device.name for device in devices}
        mine = [each for each in found if each.name in asked]
        badges = [(each, keyring.latest(SecretKind.ACTIVATION_CODE, each.name)) for each in mine]
        requests = [_request(each, badge, keyring) for each, badge in badges]
        return Observation(
            enrollments=tuple(_enrollment(badge, each.state) for each, badge in badges if badge),
            requests=tuple(request for request in requests if request),
            present=frozenset(each.name for each in mine if each.state == "in"),
        )

    async def turn(self, calls: int) -> None:
        """Wait until so many calls may be made."""
        await self._client.pace.reserve(calls)

    async def enroll(self, site: str, enroll: Enroll, fingerprint: datetime) -> Made:
        """Register one device; its badge is shown only now."""
        (device,) = enroll.devices
        made = await self._client.register(device.name, site)
        badge = Secret(
            SecretKind.ACTIVATION_CODE,
            made.badge,
            device.name,
            enrollment_id(made.badge),
            made.expires_at,
        )
        return Made(_enrollment(badge, "new"), (badge,))

    async def admit(self, device: Device, request: Request, keyring: Keyring) -> tuple[Secret, ...]:
        """Exchange the device's badge for its key."""
        badge = keyring.opener(request.enrollment_id)
        if badge is None:
            raise Refused(f"enter {device.name}", "the ledger has no badge for it")
        entered = await self._client.enter(device.name, badge.value)
        return (Secret(SecretKind.API_KEY, entered.key, device.name, badge.enrollment_id),)

    async def reject(self, request: Request) -> None:
        """Nothing asks here, so there is nothing to reject."""
        raise Refused(f"reject {request.id}", "Toy has no requests")

    async def retry(self, request: Request) -> None:
        """Nothing is provisioned here that could fail."""
        raise Refused(f"retry {request.id}", "Toy has nothing to retry")

    async def retire(self, site: str, device: Device, keyring: Keyring) -> str:
        """Remove the device."""
        await self._client.remove(device.name)
        return ""

    async def check(self, now: datetime) -> Checkup:
        """Try the list call."""
        probes = await tried(Probe("devices", self._client.devices))
        who = f"account {self._settings.account}"
        return checkup(who, probes, self._settings, self._client.skew)


def _enrollment(badge: Secret, state: str) -> Enrollment:
    assert badge.expires_at
    return Enrollment(
        id=badge.enrollment_id,
        ending=badge.value.get_secret_value()[-4:],
        expires_at=badge.expires_at,
        capacity=1,
        used=int(state == "in"),
    )


def _request(listed: ToyDevice, badge: Secret | None, keyring: Keyring) -> Request | None:
    """What the list says of a device; None when it only waits for the badge that we have."""
    progress = _PROGRESS[listed.state]
    if progress is Progress.WAITING and badge:
        return None
    return Request(
        id=listed.name,
        enrollment_id=badge.enrollment_id if badge else "",
        identity=Identity(),
        progress=progress,
        status=listed.state,
        message="" if progress is Progress.PROVISIONED else "registered by somebody else",
        device_id=listed.name,
        device=listed.name,
        key_held=keyring.latest(SecretKind.API_KEY, listed.name) is not None,
        site=listed.site,
    )
