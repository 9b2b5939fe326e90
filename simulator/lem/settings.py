"""The switches of the simulated LEM: what it is asked with, and what is not published."""

from typing import Literal

from pydantic import BaseModel, Field

DEFAULT_PROJECT = "462j1mq70mph31wa100t1yuxa"
DEFAULT_TOKEN = "NotASecret0TokenOfASimulatedLEM0"  # noqa: S105  nothing real is behind it
OUT_OF_SCOPE_TOKEN = "NotASecret0TokenWithoutAnyScope0"  # noqa: S105  likewise


class LemSettings(BaseModel, extra="forbid"):
    """One LEM. Where its documentation is silent, a default was chosen and can be switched."""

    projects: list[str] = Field(default=[DEFAULT_PROJECT], min_length=1)
    token: str = DEFAULT_TOKEN
    token_user: str = Field(default="muster", description="whose token it is; signs approvals")
    out_of_scope_token: str = OUT_OF_SCOPE_TOKEN
    accept_basic: bool = Field(default=False, description="the token as Basic user name, too")

    seconds_per_step: float = Field(default=2.0, ge=0, description="of provisioning; 0 is at once")
    step_spread: float = Field(
        default=0.0, ge=0, le=1, description="the share of that by which a step may be off"
    )
    ask_again_seconds: float = Field(default=1.0, ge=0, description="of a device asking twice")
    failing_step: Literal["CONFIRMED", "LICENSE_GENERATED", "LICENSE_PROVISIONED"] = (
        "LICENSE_GENERATED"
    )
    device_visible: Literal["APPROVED", "CONFIRMED", "ACTIVATED"] = "CONFIRMED"
    device_visible_seconds: float = Field(default=0.0, ge=0, description="later than that")

    pending_status: str = "PENDING"
    processing_status: str = "APPROVED"
    failed_status: str = Field(default="FAILED", description="of a request, a stage and a step")
    running_status: str = Field(default="IN_PROGRESS", description="of a stage and a step")

    past_expiry: Literal["accepted", "refused"] = "accepted"
    expiry_stored_to: Literal["millisecond", "second"] = "millisecond"
    longest_life_seconds: float | None = Field(
        default=None, ge=0, description="of a config, whatever expiry is asked for"
    )
    status_reply: Literal["empty", "no-content", "object"] = "empty"
    rule_status: Literal[400, 409] = 400
    approve_twice: Literal["accepted", "refused"] = "accepted"
    retry_unfailed: Literal["accepted", "refused"] = "accepted"
    error_body: Literal["json", "html"] = "json"

    page_parameter: str = "requestedPage"
    limit_parameter: str = "limit"
    page_limit: int = Field(default=10, ge=1, description="when the client names none")
