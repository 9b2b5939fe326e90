"""The switches of the simulated Acusight: what it is asked with, and what is not published."""

from typing import Literal

from pydantic import BaseModel, Field

DEFAULT_BASE = "/acusight/api"
DEFAULT_JWT = "NotASecret0Header.NotASecret0ClaimsOfASimulatedAcusight.NotASecret0Signature"
DEFAULT_ORGANIZATION = "6f1c2f0e-0000-4000-8000-000000000001"


class AcusightSettings(BaseModel, extra="forbid"):
    """One Acusight. Where its documentation is silent, a default was chosen and can be switched."""

    base: str = Field(default=DEFAULT_BASE, pattern=r"^(/[a-z0-9_-]+)+$")
    jwt: str = Field(default=DEFAULT_JWT, description="the bearer token of the one user")
    organization_id: str = DEFAULT_ORGANIZATION
    organization_name: str = "Simulated Works"
    api_endpoint: str | None = Field(
        default=None, description="what a device gets; unset: the address of its own call"
    )

    approval_seconds: float | None = Field(
        default=0.0,
        ge=0,
        description="how long a new device is pending; none: until a user decides",
    )
    check_order: Literal["token-first", "duplicate-first"] = "token-first"
    spent_token: Literal["INVALID_TOKEN", "TOKEN_EXPIRED"] = "INVALID_TOKEN"  # noqa: S105  a code
    days_below_one: Literal["refused", "expired"] = "refused"
    portainer: bool = Field(default=False, description="an edge key and an endpoint per device")

    unauthorized_code: str = Field(default="UNAUTHORIZED", description="of a bad JWT or device key")
    action_id: Literal["integer", "string"] = "integer"
