"""What the shapes of all systems have in common: lenient where nothing depends on it."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

T = TypeVar("T")


def _list(value: Any) -> Any:
    return [] if value is None else value


def _text(value: Any) -> Any:
    return "" if value is None else value


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


Listed = Annotated[list[T], BeforeValidator(_list)]
Text = Annotated[str, BeforeValidator(_text)]
Instant = Annotated[datetime, AfterValidator(_utc)]  # aware UTC; without a zone it is UTC
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
