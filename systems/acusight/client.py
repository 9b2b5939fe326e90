"""Acusight: provisioning tokens, provisioning, and what a device asks, one attempt each."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Literal

import httpx
from pydantic import AnyHttpUrl, SecretStr, TypeAdapter, ValidationError

from systems.acusight.settings import AcusightSettings
from systems.acusight.wire import (
    Action,
    CheckedIn,
    Checkin,
    DeviceInfo,
    DeviceSelf,
    Envelope,
    Health,
    NewToken,
    Organization,
    ProvisionedDevice,
    ProvisioningToken,
    Verdict,
)
from systems.shared.entries import Entries, entries, parse_around
from systems.shared.errors import (
    ApiError,
    BadAddress,
    Contradictory,
    DeviceExists,
    Invalid,
    KeyRefused,
    TokenExpired,
    TokenInvalid,
    Unauthorized,
    UnknownId,
)
from systems.shared.http import HttpClient, Reading, call, opened, parse, segment
from systems.shared.pace import Pace
from systems.shared.wire import Listed

Lifetime = timedelta | Literal["default", "never"]

_ADDRESS = TypeAdapter(AnyHttpUrl)
_VERDICT = TypeAdapter(Verdict)
_PROVISIONED = TypeAdapter(Envelope[ProvisionedDevice])
_NEW_TOKEN = TypeAdapter(Envelope[NewToken])
_TOKENS = TypeAdapter(Envelope[Listed[Any]])
_TOKEN = TypeAdapter(ProvisioningToken)
_ORGANIZATION = TypeAdapter(Envelope[Organization])
_SELF = TypeAdapter(Envelope[DeviceSelf])
_CHECKED_IN = TypeAdapter(Envelope[CheckedIn])


def _reading(
    invalid: type[ApiError],
    expired: type[ApiError],
    conflict: type[ApiError] | None = None,
) -> Reading:
    """What the documented codes mean where INVALID_TOKEN and TOKEN_EXPIRED mean these two.

    `conflict` is what a 409 means that bears none of them, and may not be readable at all.
    """
    meanings: dict[str, type[ApiError]] = {
        "INVALID_TOKEN": invalid,
        "TOKEN_EXPIRED": expired,
        "DEVICE_EXISTS": DeviceExists,
        "VALIDATION_ERROR": Invalid,
        "NOT_FOUND": UnknownId,
    }

    def read(response: httpx.Response) -> type[ApiError] | None:
        otherwise = conflict if response.status_code == httpx.codes.CONFLICT else None
        try:
            verdict = _VERDICT.validate_json(response.content)
        except ValidationError:
            return otherwise
        if verdict.code in meanings:
            return meanings[verdict.code]
        return Contradictory if verdict.failed and response.is_success else otherwise

    return read


_OF_PROVISIONING = _reading(TokenInvalid, TokenExpired, conflict=DeviceExists)
_OF_USER = _reading(Unauthorized, Unauthorized)
_OF_DEVICE = _reading(KeyRefused, KeyRefused)


class AcusightClient:
    """The API of one Acusight organization.

    Every method makes one attempt, once `pace` lets it, and raises an ApiError when it fails. A
    user's calls go to the configured address with its JWT; a device's go to the `api_endpoint` that
    it got when it was provisioned, with its own key. Tokens and keys are SecretStr.
    """

    def __init__(self, http: HttpClient, token: SecretStr, pace: Pace | None = None) -> None:
        self._http, self._token, self.pace = http, token, pace or Pace()

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, settings: AcusightSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> AsyncIterator["AcusightClient"]:
        """A client for as long as the context lasts; `transport` replaces the network in tests."""
        async with opened(settings, transport) as http, Pace.of(settings, settings.token) as pace:
            yield cls(http, settings.token, pace)

    @property
    def skew(self) -> timedelta | None:
        """How far the clock at the other end is ahead of ours, as last heard."""
        return self._http.skew

    async def organization(self) -> Organization:
        """The organization that the user's JWT belongs to. GET /organization."""
        path = "/organization"
        return parse(_ORGANIZATION, f"GET {path}", await self._as_user("GET", path)).data

    async def provision(self, token: SecretStr, device: DeviceInfo) -> ProvisionedDevice:
        """Register a device; its key is shown only now. POST /devices/provision, without a JWT.

        Not idempotent: DeviceExists the second time, with no way back to a key that was lost.
        """
        path = "/devices/provision"
        sent = {"token": token.get_secret_value(), "device_info": device.body()}
        body = await self._call("POST", path, _OF_PROVISIONING, json=sent)
        return parse(_PROVISIONED, f"POST {path}", body).data

    async def create_token(
        self, name: str, lifetime: Lifetime = "default", single_use: bool = False
    ) -> NewToken:
        """Make a provisioning token; it is shown only now. POST /provisioning-tokens.

        `lifetime` is whole days; by default Acusight's own 30. Makes another one each time.
        """
        path = "/provisioning-tokens"
        sent = {"name": name, "single_use": single_use} | _expiry(lifetime)
        body = await self._as_user("POST", path, json=sent)
        return parse(_NEW_TOKEN, f"POST {path}", body).data

    async def tokens(self) -> Entries[ProvisioningToken]:
        """Every provisioning token, newest first. GET /provisioning-tokens."""
        path = "/provisioning-tokens"
        body = await self._as_user("GET", path)
        listed = parse_around(_TOKENS, f"GET {path}", body).data
        return entries(_TOKEN, f"GET {path}", listed)

    async def revoke_token(self, token_id: str) -> None:
        """Admit no more devices by a token. DELETE /provisioning-tokens/{id}.

        Devices that it admitted stay. Not idempotent: Invalid the second time.
        """
        await self._as_user("DELETE", f"/provisioning-tokens/{segment(token_id)}")

    async def rename(self, device_id: str, name: str) -> None:
        """Give a device another display name. PATCH /core/devices/{id}."""
        await self._as_user("PATCH", f"/core/devices/{segment(device_id)}", json={"name": name})

    async def device_self(self, api_endpoint: str, api_key: SecretStr) -> DeviceSelf:
        """The device that `api_key` belongs to. GET /device/self, as the device.

        It is in service only when its `status` is approved.
        """
        path = _device_path(api_endpoint, "/device/self")
        body = await self._as_device("GET", path, api_key)
        return parse(_SELF, f"GET {path}", body).data

    async def checkin(
        self,
        api_endpoint: str,
        api_key: SecretStr,
        status: Health = "healthy",
        metrics: Mapping[str, float] | None = None,
    ) -> list[Action]:
        """Report how a device is; the actions that it should take. POST /device/checkin."""
        path = _device_path(api_endpoint, "/device/checkin")
        sent = Checkin(status=status, metrics=metrics).body()
        body = await self._as_device("POST", path, api_key, json=sent)
        return parse(_CHECKED_IN, f"POST {path}", body).data.actions

    async def _as_user(self, method: str, path: str, **request: Any) -> bytes:
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        return await self._call(method, path, _OF_USER, headers=headers, **request)

    async def _as_device(self, method: str, path: str, key: SecretStr, **request: Any) -> bytes:
        headers = {"X-Device-Key": key.get_secret_value()}
        return await self._call(method, path, _OF_DEVICE, headers=headers, **request)

    async def _call(self, method: str, path: str, reading: Reading, **request: Any) -> bytes:
        return await call(self._http, method, path, reading, self.pace, **request)


def _expiry(lifetime: Lifetime) -> dict[str, int | None]:
    """The field that says when a token ends: absent is 30 days, null is never."""
    if isinstance(lifetime, timedelta):
        if lifetime < timedelta(days=1) or lifetime % timedelta(days=1):
            raise ValueError(f"a token lives for whole days, not for {lifetime}")
        return {"expires_in_days": lifetime.days}
    return {} if lifetime == "default" else {"expires_in_days": None}


def _device_path(api_endpoint: str, path: str) -> str:
    """`path` below the device's endpoint, which comes with and without its /api.

    Without an endpoint it is below the configured address. Nothing that is shown in an error may
    hold a secret, so a user, a password or a query in the endpoint is left out.
    """
    if not api_endpoint.strip():
        return path
    try:
        url = httpx.URL(str(_ADDRESS.validate_python(api_endpoint.strip())))
        base = url.path.rstrip("/").removesuffix("/api")
        url = url.copy_with(userinfo=b"", query=None, fragment=None, path=f"{base}/api{path}")
        return str(url) if url.host else path
    except (ValidationError, httpx.InvalidURL, UnicodeError):  # the last: no host has such letters
        raise BadAddress(path, "its endpoint is not an http(s) address") from None
