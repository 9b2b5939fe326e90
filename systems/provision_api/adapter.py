"""provision_api in the fleet's words: its registry entries, their codes and their tokens."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import SecretStr

from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.device.secret import Keyring, Secret, SecretKind
from fleet.state.observation import Observation
from fleet.system.clock import noticed
from fleet.system.enroll import Enroll
from fleet.system.integrations import Integrations, Listed, Route, Webhook
from fleet.system.profile import Admission, SystemProfile
from fleet.system.quota import Usage
from fleet.system.system import Checkup, Made
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.listing import ACTIVE, Registry
from systems.provision_api.settings import ProvisionApiSettings
from systems.provision_api.wire import NewDevice, NewIntegration, NewRoute, RegisteredDevice
from systems.shared.checkup import Probe, checkup, counted, tried
from systems.shared.codes import enrollment_id
from systems.shared.errors import Refused

_ROUTE_FACTS = (
    "enabled",
    "min_severity",
    "alert_types",
    "site_ids",
    "device_prefixes",
    "deliver_on",
    "priority",
)
_NEVER = datetime.max.replace(tzinfo=UTC)


class ProvisionApi:
    """One tenant of one provision_api; a device is registered there by its name, under its site."""

    def __init__(self, client: ProvisionApiClient, settings: ProvisionApiSettings) -> None:
        self._client, self._tenant, self._settings = client, settings.tenant, settings
        self._activation = f"{str(settings.url).rstrip('/')}/api/device/activate"
        self._registry = Registry(client, settings.tenant)
        self.scope = f"provision_api tenant {settings.tenant}"
        self.profile = SystemProfile(
            system="provision_api",
            enrollment="registration",
            enroll="register",
            enroll_phrase="register",
            admit="activate",
            admission=Admission.BY_CODE,
            shares_enrollments=False,
            device_may_activate=True,
            code_life=timedelta(minutes=settings.code_minutes),
            lost_key_remedy="Rotate its token to get a new one, which then replaces the lost one",
            admit_calls=0,  # activation is not an administrator's call, and not counted
            quota=settings.quota,
            concurrency=settings.concurrency,
        )

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: ProvisionApiSettings) -> AsyncIterator["ProvisionApi"]:
        """The tenant that `settings` name, for as long as the context lasts."""
        async with ProvisionApiClient.connect(settings) as client:
            yield cls(client, settings)

    @property
    def calls(self) -> int:
        """How many of an administrator's calls were made so far."""
        return self._client.pace.calls

    async def usage(self) -> Usage:
        """What the quota's present window has seen."""
        return await self._client.pace.usage()

    def only_observe_once(self) -> None:
        """Show the first list of the tenant from now on."""
        self._registry.only_list_once()

    async def observe(self, site: str, devices: Sequence[Device], keyring: Keyring) -> Observation:
        """One observation: one list call, or more when the tenant is too large for one list."""
        names = {device.name for device in devices}
        listing = await self._registry.listing(site, names)
        listed = listing.devices
        pairs = [(listed.get(device.name), device.name) for device in devices]
        codes = [(entry, keyring.latest(SecretKind.ACTIVATION_CODE, name)) for entry, name in pairs]
        entries = [entry for entry, _ in pairs if entry]
        requests = [_request(entry, site, keyring) for entry in entries]
        unknown_devices = [entry for name, entry in listed.items() if name not in names]
        others = [_request(entry, entry.site_id or "", Keyring()) for entry in unknown_devices]
        return Observation(
            enrollments=tuple(_enrollment(e, code) for e, code in codes if e and code),
            requests=tuple(request for request in requests if request),
            present=frozenset(entry.device_id for entry in entries if _is_serving(entry)),
            truncated=not listing.is_whole,
            unreadable=listing.unreadable,
            shows_whole_site=listing.is_site_whole,
            others=tuple(request for request in others if request),
            skew=noticed(self._client.skew),
        )

    async def turn(self, calls: int) -> None:
        """Wait until so many of an administrator's calls may be made."""
        await self._client.pace.reserve(calls)

    async def enroll(self, site: str, enroll: Enroll, fingerprint: datetime) -> Made:
        """Register one device. One that is registered already is changed: `observe` first."""
        (device,) = enroll.devices
        new = NewDevice(tenant_id=self._tenant, device_id=device.name, site_id=site)
        made = await self._client.create_device(new)
        code = Secret(
            SecretKind.ACTIVATION_CODE,
            made.activation_code,
            device.name,
            enrollment_id(made.activation_code),
            made.expires_at or fingerprint,
            self._activation,
        )
        return Made(_enrollment(None, code), (code,))

    async def admit(self, device: Device, request: Request, keyring: Keyring) -> tuple[Secret, ...]:
        """Exchange the device's code for its token. Never twice at a time, and never blindly."""
        code = keyring.opener(request.enrollment_id)
        if code is None:
            raise Refused(f"activate {device.name}", "the ledger has no code for it")
        active = await self._client.activate(self._tenant, device.name, code.value)
        return (
            Secret(
                SecretKind.PROVISION_TOKEN, active.provision_token, device.name, code.enrollment_id
            ),
        )

    async def reject(self, request: Request) -> None:
        """provision_api has no requests, so there is nothing to reject."""
        raise Refused(f"reject {request.id}", "provision_api has no requests")

    async def retry(self, request: Request) -> None:
        """provision_api activates in one call, so there is nothing to retry."""
        raise Refused(f"retry {request.id}", "provision_api has nothing to retry")

    async def retire(self, site: str, device: Device, keyring: Keyring) -> str:
        """Revoke the device. For one that is not there it succeeds, too: check before and after."""
        await self._client.revoke(self._tenant, device.name)
        return ""

    async def rotate(self, site: str, device: Device) -> Secret:
        """Replace the device's token. One that is not there gets a token that opens nothing."""
        rotated = await self._client.rotate_token(self._tenant, device.name)
        return Secret(SecretKind.PROVISION_TOKEN, rotated.new_provision_token, device.name)

    async def check(self, now: datetime) -> Checkup:
        """Ask whether it is well, and try the list call: one of an administrator's."""
        client, who = self._client, f"tenant {self._tenant}"
        listed = Probe("devices", partial(client.devices, self._tenant))
        probes = await tried(Probe("", client.health), Probe("", client.ready), listed)
        if listed.answer:
            more = " or more" if listed.answer.truncated else ""
            who += f", {counted(len(listed.answer.devices), 'device')}{more}"
        return checkup(who, probes, self._settings, client.skew)

    async def integrations(self) -> Integrations:
        """The tenant's webhooks and routes: two list calls."""
        webhooks = await self._client.integrations(self._tenant)
        routes = await self._client.routes(self._tenant)
        return Integrations(
            webhooks=tuple(
                Listed(w.integration_id, w.name, {"url": w.url, "enabled": w.enabled})
                for w in webhooks.integrations
            ),
            routes=tuple(
                Listed(
                    r.route_id, r.name, r.model_dump(include=set(_ROUTE_FACTS)), r.integration_id
                )
                for r in routes.routes
            ),
            truncated=webhooks.truncated or routes.truncated,
            unreadable=webhooks.unreadable + routes.unreadable,
        )

    async def add_webhook(self, webhook: Webhook, headers: Mapping[str, SecretStr]) -> str:
        """Make a webhook. The service never shows its headers again."""
        new = NewIntegration(
            tenant_id=self._tenant,
            name=webhook.name,
            url=webhook.url,
            headers=dict(headers),
            enabled=webhook.enabled,
        )
        return (await self._client.create_integration(new)).integration_id

    async def add_route(self, route: Route, webhook_id: str) -> str:
        """Send alerts to a webhook of the same tenant."""
        facts = route.model_dump(mode="json", exclude={"webhook"})
        new = NewRoute(tenant_id=self._tenant, integration_id=webhook_id, **facts)
        return (await self._client.create_route(new)).route_id


def _is_serving(entry: RegisteredDevice) -> bool:
    return entry.status == ACTIVE and entry.token_set


def _enrollment(entry: RegisteredDevice | None, code: Secret) -> Enrollment:
    """The code of a device: used once it has a token, however it came by it."""
    return Enrollment(
        id=code.enrollment_id,
        ending=code.value.get_secret_value()[-4:],
        expires_at=code.expires_at or _NEVER,
        capacity=1,
        used=1 if entry and entry.token_set else 0,
    )


def _request(entry: RegisteredDevice, site: str, keyring: Keyring) -> Request | None:
    """What an entry says of its device; None when it only waits for the code that we have."""
    code = keyring.latest(SecretKind.ACTIVATION_CODE, entry.device_id)
    token = keyring.latest(SecretKind.PROVISION_TOKEN, entry.device_id)
    progress, message = _progress(entry, site)
    if progress is Progress.WAITING and code:
        return None
    return Request(
        id=entry.device_id,
        enrollment_id=code.enrollment_id if code else "",
        identity=Identity(),
        progress=progress,
        status=entry.status,
        message=message,
        device_id=entry.device_id,
        asked_at=entry.provisioned_at,
        device=entry.device_id,
        key_held=token is not None,
        key_may_be_replaced=token.may_be_replaced if token else "",
        site=entry.site_id,
    )


def _progress(entry: RegisteredDevice, site: str) -> tuple[Progress, str]:
    """How far an entry has come, and the message about it."""
    if entry.site_id != site:
        message = (
            f"registered under the site {entry.site_id!r}. Correct the roster, or run again with "
            "*Register again*, which moves it"
        )
        return Progress.DEACTIVATED, message
    if entry.status != ACTIVE:
        message = f"{entry.status.lower()} in provision_api. *Register again* revives it"
        return Progress.DEACTIVATED, message
    if entry.token_set:
        return Progress.PROVISIONED, ""
    return Progress.WAITING, (
        f"{ACTIVE} in provision_api without a token: it was not activated, and no code for it is "
        "held here. *Register again* makes a new code and replaces its metadata"
    )
