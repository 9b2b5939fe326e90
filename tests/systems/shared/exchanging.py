"""What adapters of systems that exchange codes are asked in tests, with a keyring that grows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.device.secret import Keyring, Secret
from fleet.state.observation import Observation
from fleet.system.enroll import Enroll

SITE = "plant-7"
FINGERPRINT = datetime.now(UTC).replace(microsecond=123000) + timedelta(days=7)
T = TypeVar("T")


class Asked:
    """One system behind its adapter; the secrets that it shows are stored, as in the ledger."""

    def __init__(self, connect: Callable[[], Any], device: Device) -> None:
        self._connect, self.device = connect, device
        self.message: list[Secret] = []

    def ask(self, action: Callable[[Any], Awaitable[T]]) -> T:
        async def asked() -> T:
            async with self._connect() as system:
                return await action(system)

        return asyncio.run(asked())

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.message)

    def observation(self, site: str = SITE) -> Observation:
        return self.ask(lambda s: s.observe(site, (self.device,), self.keyring))

    def enroll(self, site: str = SITE, again: bool = False, keep: bool = True) -> Any:
        enroll = Enroll((self.device,), 1, FINGERPRINT, FINGERPRINT if again else None)
        made = self.ask(lambda s: s.enroll(site, enroll, FINGERPRINT))
        self.message += made.secrets if keep else ()
        return made

    def admit(self, enrollment_id: str) -> tuple[Secret, ...]:
        name = self.device.name
        request = Request(name, enrollment_id, Identity(), Progress.WAITING, device=name)
        message = self.ask(lambda s: s.admit(self.device, request, self.keyring))
        self.message += message
        return message
