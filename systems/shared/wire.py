"""What the shapes of all systems have in common: lenient where nothing depends on it."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    SecretStr,
)

T = TypeVar("T")

EPOCH = datetime.fromtimestamp(0, UTC)
# Those of terminals (NUL among them), and those that turn the direction of what is read.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _list(value: Any) -> Any:
    return [] if value is None else value


def _text(value: Any) -> Any:
    return "" if value is None else value


def _utc(instant: datetime) -> datetime:
    """`instant` in UTC, which has it without a zone; nothing that we ask about is before 1970."""
    try:
        aware = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except OverflowError:  # in UTC it is before the year 1, or after 9999
        return EPOCH if instant.year == 1 else datetime.max.replace(tzinfo=UTC)
    return max(aware, EPOCH)


def _printable(text: str) -> str:
    """`text` with a replacement for what nobody can read and a ledger may not be able to hold."""
    return CONTROL.sub("\ufffd", text)


Listed = Annotated[list[T], FailFast(), BeforeValidator(_list)]  # one fault is enough to report
RawText = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, AfterValidator(_printable)]
Text = Annotated[Name, BeforeValidator(_text)]
Count = Annotated[int, Field(ge=-(2**53), le=2**53)]  # what every reader of JSON can hold
Instant = Annotated[datetime, AfterValidator(_utc)]
Secret = Annotated[SecretStr, Field(min_length=1)]  # an empty one is none


class Received(BaseModel):
    """A shape that a system sends: unknown fields are ignored, an id may be a number."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Sent(BaseModel):
    """A shape that we send: what is None is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def body(self) -> dict[str, Any]:
        """The JSON object that goes into a request."""
        return self.model_dump(mode="json", exclude_none=True)
