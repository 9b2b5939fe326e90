"""Acusight in the fleet's words: its provisioning tokens, and devices as their keys show them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity, normal_host_id
from fleet.device.request import Progress, Request
from fleet.device.secret import Keyring, Secret, SecretKind
from fleet.state.observation import Observation
from fleet.system.clock import noticed
from fleet.system.enroll import Enroll
from fleet.system.profile import Admission, SystemProfile
from fleet.system.quota import Usage
from fleet.system.system import Check, Checkup, IssuedToken, Made
from systems.acusight.client import AcusightClient
from systems.acusight.settings import AcusightSettings
from systems.acusight.wire import DeviceInfo, DeviceSelf, Organization, ProvisioningToken
from systems.shared.checkup import CREDENTIAL, WHO, Probe, checkup, expiry, tried
from systems.shared.codes import enrollment_id
from systems.shared.entries import Entries
from systems.shared.errors import BadAddress, Refused, Unauthorized, Unreachable, Untrusted

TOKEN_LIFE = timedelta(days=1)  # of a token for our own use, which is used at once
_NEVER = datetime.max.replace(tzinfo=UTC)
_COUNTLESS = 1_000_000_000
_PROGRESS = {
    "approved": (Progress.PROVISIONED, ""),
    "pending": (Progress.PROVISIONING, "registered; approve it in Acusight"),
    "rejected": (Progress.REJECTED, "rejected in Acusight; only Acusight can undo that"),
}
_REFUSED = (
    "its key is refused: it was removed in Acusight, or was given another key. *Register again* "
    "provisions it once more"
)


class Acusight:
    """One Acusight organization; a device is provisioned on its behalf, by its host id.

    There is no list of devices: Acusight tells each one only about itself, by its key.
    """

    def __init__(self, client: AcusightClient, settings: AcusightSettings) -> None:
        self._client, self._given = client, settings.provisioning_token
        self._settings = settings
        self._approved: dict[str, DeviceSelf] = {}
        self._once = False
        self._first: Entries[ProvisioningToken] | None = None
        self.scope = f"Acusight organization {settings.organization}"
        self.profile = SystemProfile(
            system="Acusight",
            enrollment="provisioning token",
            enroll="create provisioning token for",
            enroll_phrase="create provisioning token",
            admit="provision",
            admission=Admission.BY_CODE,
            needs_host_id=True,
            lost_key_remedy="Remove the device in Acusight, which shows a key once; then run again",
            observe_calls=1,
            quota=settings.quota,
            concurrency=settings.concurrency,
        )

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: AcusightSettings) -> AsyncIterator["Acusight"]:
        """The organization that `settings` name, for as long as the context lasts."""
        async with AcusightClient.connect(settings) as client:
            yield cls(client, settings)

    @property
    def calls(self) -> int:
        """How many of its calls were made so far."""
        return self._client.pace.calls

    async def usage(self) -> Usage:
        """What the quota's present window has seen."""
        return await self._client.pace.usage()

    def only_observe_once(self) -> None:
        """Show the first list of tokens from now on; each device is asked once anyway."""
        self._once = True

    async def observe(self, site: str, devices: Sequence[Device], keyring: Keyring) -> Observation:
        """One observation: the list of tokens, and each device with a key that is not yet approved.

        A device that was approved is not asked again while the connection lasts.
        """
        keys = [keyring.latest(SecretKind.API_KEY, device.name) for device in devices]
        listed, requests = await asyncio.gather(
            self._tokens(),
            asyncio.gather(*(self._request(key) for key in keys if key)),
        )
        tokens = {token.id: token for token in listed}
        held = [s for s in keyring.secrets if s.kind is SecretKind.PROVISIONING_TOKEN]
        served = [r for r in requests if r.progress is Progress.PROVISIONED]
        return Observation(
            enrollments=tuple(
                _enrollment(secret, tokens.get(secret.enrollment_id))
                for secret in held
                if secret.enrollment_id in tokens or self._is_given(secret)
            ),
            requests=tuple(requests),
            present=frozenset(r.device_id for r in served if r.device_id),
            skew=noticed(self._client.skew),
        )

    async def turn(self, calls: int) -> None:
        """Wait until so many calls may be made."""
        await self._client.pace.reserve(calls)

    async def enroll(self, site: str, enroll: Enroll, fingerprint: datetime) -> Made:
        """Make a token for the devices; or use the one that the connection was given.

        A token whose making was not answered is lost: it is found by its name, and revoked.
        """
        if self._given:
            given = Secret(
                SecretKind.PROVISIONING_TOKEN, self._given, None, enrollment_id(self._given)
            )
            return Made(_enrollment(given, None), (given,))
        name = f"muster {site} {fingerprint:%Y%m%dT%H%M%S.%f}"
        if enroll.again:
            await self._revoke_lost(name)
        shown = await self._client.create_token(name, TOKEN_LIFE)
        secret = Secret(
            SecretKind.PROVISIONING_TOKEN, shown.token, None, shown.id, shown.expires_at
        )
        return Made(_enrollment(secret, None), (secret,))

    async def admit(self, device: Device, request: Request, keyring: Keyring) -> tuple[Secret, ...]:
        """Provision the device on its behalf. A key that is lost here is lost for good."""
        token = keyring.opener(request.enrollment_id)
        if token is None or device.host_id is None:
            raise Refused(f"provision {device.name}", "the ledger has no token for it")
        info = DeviceInfo(
            device_id=device.host_id,
            name=device.name,
            mac_address=device.macs[0] if device.macs else None,
        )
        shown = await self._client.provision(token.value, info)
        return tuple(
            Secret(kind, value, device.name, token.enrollment_id, endpoint=shown.api_endpoint)
            for kind, value in (
                (SecretKind.API_KEY, shown.api_key),
                (SecretKind.EDGE_KEY, shown.edge_key),
            )
            if value
        )

    async def reject(self, request: Request) -> None:
        """Acusight has no requests, so there is nothing to reject."""
        raise Refused(f"reject {request.id}", "Acusight has no requests")

    async def retry(self, request: Request) -> None:
        """Acusight provisions in one call, so there is nothing to retry."""
        raise Refused(f"retry {request.id}", "Acusight has nothing to retry")

    async def retire(self, site: str, device: Device, keyring: Keyring) -> str:
        """Revoke the token by which the device came in; there is no call to remove the device."""
        key = keyring.latest(SecretKind.API_KEY, device.name)
        listed = {token.id: token for token in await self._client.tokens()} if key else {}
        token = listed.get(key.enrollment_id) if key else None
        if token and token.revoked_at is None:
            await self._client.revoke_token(token.id)
        return (
            "Acusight documents no call to remove a device. Remove it in Acusight: until then its "
            "key still works. Then take its line off the roster"
        )

    async def issue(
        self, name: str, lifetime: timedelta | None, single_use: bool
    ) -> tuple[IssuedToken, Secret]:
        """Make a token for devices that provision themselves; another one each time."""
        shown = await self._client.create_token(name, lifetime or "never", single_use)
        issued = IssuedToken(shown.id, name, single_use, 0, shown.created_at, shown.expires_at)
        use_at = f"{str(self._settings.url).rstrip('/')}/devices/provision"
        secret = Secret(
            SecretKind.ISSUED_TOKEN, shown.token, None, shown.id, shown.expires_at, use_at
        )
        return issued, secret

    async def issued(self) -> list[IssuedToken]:
        """Every token, newest first."""
        return [_issued(token) for token in await self._client.tokens()]

    async def revoke_token(self, token_id: str) -> None:
        """Admit no more devices by a token."""
        await self._client.revoke_token(token_id)

    async def check(self, now: datetime) -> Checkup:
        """Ask which organization the JWT belongs to, and try the list call."""
        client, ours = self._client, self._settings.organization
        asked = Probe("its organization", client.organization)
        probes = await tried(asked, Probe("provisioning tokens", client.tokens))
        found = [*_fit(asked.answer, ours), *_lasting(expiry(self._settings.token), now)]
        who = _called(asked.answer) if asked.answer else ours
        return checkup(f"organization {who}", probes, self._settings, client.skew, *found)

    async def _tokens(self) -> Entries[ProvisioningToken]:
        found = await self._client.tokens() if self._first is None else self._first
        self._first = found if self._once else None
        return found

    async def _revoke_lost(self, name: str) -> None:
        for token in await self._client.tokens():
            if token.name == name and token.revoked_at is None:
                await self._client.revoke_token(token.id)

    async def _request(self, key: Secret) -> Request:
        """What Acusight says of a device, asked with its key."""
        name = key.device or ""
        try:
            shown = self._approved.get(name) or await self._client.device_self(
                key.endpoint, key.value
            )
        except (Unauthorized, BadAddress) as error:
            why = _REFUSED if isinstance(error, Unauthorized) else str(error)
            return _seen(key, Progress.DEACTIVATED, why)
        except (Unreachable, Untrusted) as error:  # from here; the device may reach it
            return _seen(key, Progress.PROVISIONING, f"provisioned, but not yet proved: {error}")
        if shown.status == "approved":
            self._approved[name] = shown
        unknown = (Progress.PROVISIONING, f"registered; Acusight says {shown.status!r} of it")
        return _seen(key, *_PROGRESS.get(shown.status, unknown), shown=shown)

    def _is_given(self, secret: Secret) -> bool:
        return self._given is not None and secret.enrollment_id == enrollment_id(self._given)


def _called(shown: Organization) -> str:
    return " ".join([shown.name or shown.id, *([f"({shown.slug})"] if shown.slug else [])])


def _fit(shown: Organization | None, ours: str) -> list[Check]:
    """Whether the organization is the one that the connection names."""
    if shown is None or ours.casefold() in {
        n.casefold() for n in (shown.id, shown.name, shown.slug)
    }:
        return []
    named = ours != AcusightSettings.model_fields["organization"].default
    remedy = (
        "Give a JWT of the organization that is meant. Or name this one in the connection, before "
        "its first device comes in: the ledger stores keys under that name"
    )
    return [Check(WHO, not named, f"the connection calls it {ours!r}", remedy if named else "")]


def _lasting(ends: datetime | None, now: datetime) -> list[Check]:
    """Until when the JWT is good, as far as it says so."""
    if ends is None:
        return []
    at = f"{ends:%Y-%m-%d %H:%M} UTC"
    if ends > now:
        return [Check(CREDENTIAL, True, f"expires {at}")]
    return [Check(CREDENTIAL, False, f"expired {at}", "Give a new JWT")]


def _seen(
    key: Secret, progress: Progress, message: str, shown: DeviceSelf | None = None
) -> Request:
    return Request(
        id=key.device or "",
        enrollment_id=key.enrollment_id,
        identity=_identity(shown),
        progress=progress,
        status=shown.status if shown else "",
        message=message,
        device_id=shown.device_id if shown else None,
        device=key.device,
        key_held=True,
    )


def _identity(shown: DeviceSelf | None) -> Identity:
    """The host id by which a device was provisioned: all that Acusight shows of its machine."""
    try:
        return Identity(normal_host_id(shown.device_id)) if shown else Identity()
    except ValueError:
        return Identity()


def _enrollment(secret: Secret, listed: ProvisioningToken | None) -> Enrollment:
    """A token that the ledger has; one that was revoked has room for no device."""
    revoked = listed is not None and listed.revoked_at is not None
    return Enrollment(
        id=secret.enrollment_id,
        ending=secret.value.get_secret_value()[-4:],
        expires_at=secret.expires_at or _NEVER,
        capacity=0 if revoked else _COUNTLESS,
        used=0,
    )


def _issued(token: ProvisioningToken) -> IssuedToken:
    return IssuedToken(
        id=token.id,
        name=token.name,
        single_use=token.single_use,
        uses=token.use_count,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )
