"""The shapes that Litmus Edge Manager sends and takes; unknown fields are ignored.

Source: the activation pages of the LEM 2.31 API documentation. Times are epoch milliseconds.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from systems.shared.wire import Count, Listed, RawText, Received, Secret

T = TypeVar("T")

_LAST_MILLIS = 253_402_300_799_999  # of the year 9999; systems write *never* as a larger number


def from_millis(millis: int) -> datetime:
    """Epoch milliseconds as an aware UTC instant, exact to the millisecond from 1970 to 9999."""
    seconds, rest = divmod(min(max(millis, 0), _LAST_MILLIS), 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def to_millis(instant: datetime) -> int:
    """An aware instant as epoch milliseconds."""
    return round(instant.timestamp() * 1000)


def _millis(value: Any) -> Any:
    return _LAST_MILLIS if value is None else value  # no expiry is a very late one


def _none_as_empty(value: Any) -> Any:
    return "" if value is None else value


class _Wire(Received):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class ActivationConfig(_Wire):
    """What devices bind to: a code, how many it admits, and until when."""

    project_id: str
    code: Secret
    expires_at: Annotated[int, BeforeValidator(_millis)]
    device_count: Count
    usage_count: Count = 0
    created_on: int | None = None


class ProvisionStep(_Wire):
    """One entry of a request's step log. DONE and SKIPPED are the known good words."""

    stage: RawText = ""
    stage_status: RawText = ""
    step: RawText = ""
    step_name: RawText = ""
    step_status: RawText = ""
    message: RawText = ""
    updated_at: int | None = None


class DeviceInfo(_Wire):
    """What a device says of its own software and hardware."""

    version: RawText = ""
    hw: RawText = ""
    virtualization: RawText = ""


class ActivationRequest(_Wire):
    """A device that asks to join; its code may be missing. `mac_address` is MACs and commas."""

    entry_id: Count = Field(alias="entryID")
    code: Annotated[SecretStr, BeforeValidator(_none_as_empty)] = SecretStr("")
    hostname: RawText = ""
    mac_address: RawText = ""
    host_id: RawText = Field(default="", alias="hostID")
    status: RawText = ""
    message: RawText = ""
    device_id: str | None = None
    created_on: int | None = None
    provision_status: Listed[ProvisionStep] = Field(default=[])
    info: DeviceInfo | None = None


class ZeroTouchActivation(_Wire):
    """The part of a zero-touch profile that its devices activate by."""

    code: SecretStr


class ZeroTouchBundle(_Wire):
    """What a zero-touch image carries."""

    activation: ZeroTouchActivation


class ZeroTouchConfig(_Wire):
    """A zero-touch profile, made and flashed ahead of time."""

    config_name: str
    zt_config: ZeroTouchBundle | None = None  # not there before it is generated


class LemDevice(_Wire):
    """A device in LEM's list. The vendor's own check reads its id under three names."""

    id: str = Field(validation_alias=AliasChoices("id", "deviceId", "ID"))
    status: RawText = ""


class Page(_Wire, Generic[T]):
    """One page of a paged list; `page_num` counts from zero, `size` is what this page holds."""

    page_num: Count
    pages_count: Count
    total_size: Count
    elements: Listed[T]
