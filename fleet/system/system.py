"""What every remote system does for the fleet, and what only some of them do.

An adapter implements `System` in the fleet's words; planning and executing know nothing else. What
is confirmed is what `observe` shows, so that a site is proved by a few list calls and not by one
call for each device.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from pydantic import SecretStr

from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.request import Request
from fleet.device.secret import Keyring, Secret
from fleet.state.observation import Observation
from fleet.system.enroll import Enroll
from fleet.system.integrations import Integrations, Route, Webhook
from fleet.system.profile import SystemProfile
from fleet.system.quota import Usage


@dataclass(frozen=True, slots=True)
class Made:
    """An enrollment that was just made, and the secrets that came with it."""

    enrollment: Enrollment
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One point of a checkup: what was asked, what came of it, and what to do about it."""

    subject: str
    is_good: bool
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """Whether a connection can be used: who we are there, its clock against ours, its version.

    `skew` is the system's time less ours; None where it did not say. `version` is "" then.
    """

    who: str
    checks: tuple[Check, ...]
    skew: timedelta | None = None
    version: str = ""


@runtime_checkable
class System(Protocol):
    """One remote system as one credential sees it; every method makes one attempt.

    All of them raise `systems.shared.errors.ApiError`s, and none repeats a call by itself.
    """

    scope: str
    profile: SystemProfile

    @property
    def calls(self) -> int:
        """How many of its calls were made so far."""

    def only_observe_once(self) -> None:
        """Observe once and show that from now on, so that several sites cost one observation."""

    async def observe(self, site: str, devices: Sequence[Device], keyring: Keyring) -> Observation:
        """What the system shows of `devices` and of every other device that asks."""

    async def turn(self, calls: int) -> None:
        """Wait until so many calls may be made; the next ones are then made without waiting."""

    async def enroll(self, site: str, enroll: Enroll, fingerprint: datetime) -> Made:
        """Make an enrollment. Not idempotent; by `fingerprint` it may be found again."""

    async def admit(self, device: Device, request: Request, keyring: Keyring) -> tuple[Secret, ...]:
        """Admit the device; its secrets, if any, are shown this once."""

    async def reject(self, request: Request) -> None:
        """Reject the device behind `request`."""

    async def retry(self, request: Request) -> None:
        """Run the failed provisioning of `request` again."""

    async def retire(self, site: str, device: Device, keyring: Keyring) -> str:
        """Take the device out of service as far as there are calls for it.

        Returns what is left to be done by hand, in words; "" when nothing is.
        """

    async def check(self, now: datetime) -> Checkup:
        """Whether the connection is good for what Muster does; what is wrong is in the result."""


@runtime_checkable
class Sharing(Protocol):
    """A system that knows how much of its quota is used, also by other runs."""

    async def usage(self) -> Usage:
        """What the quota's present window has seen; nothing, where no quota is known."""


@runtime_checkable
class Approving(Protocol):
    """A system in which devices ask, so that a request may change until it is approved."""

    async def requests(self) -> tuple[Request, ...]:
        """Every request as it is at this moment, by one list call."""


@runtime_checkable
class Rotating(Protocol):
    """A system that can replace a device's key."""

    async def rotate(self, site: str, device: Device) -> Secret:
        """Replace the key of a device that exists; the new one is shown this once."""


@runtime_checkable
class Integrating(Protocol):
    """A system that sends alerts to webhooks."""

    async def integrations(self) -> Integrations:
        """The webhooks and routes there are."""

    async def add_webhook(self, webhook: Webhook, headers: Mapping[str, SecretStr]) -> str:
        """Make a webhook, another one each time; its id."""

    async def add_route(self, route: Route, webhook_id: str) -> str:
        """Send alerts to a webhook; the route's id."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A provisioning token as it is listed, without the token itself."""

    id: str
    name: str
    single_use: bool
    uses: int
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@runtime_checkable
class Issuing(Protocol):
    """A system whose provisioning tokens can be made, listed and revoked on their own."""

    async def issue(
        self, name: str, lifetime: timedelta | None, single_use: bool
    ) -> tuple[IssuedToken, Secret]:
        """Make a token, another one each time; `lifetime` None: it never expires."""

    async def issued(self) -> list[IssuedToken]:
        """Every token, newest first."""

    async def revoke_token(self, token_id: str) -> None:
        """Admit no more devices by a token; those that it admitted stay."""
