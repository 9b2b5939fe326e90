"""A device that a site wants in service, as its roster names it."""

from functools import cached_property
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from fleet.device.identity import Identity, normal_mac, printed_host_id

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
# Without "](", which Prefect's page would show as a link when it says what does not match.
SITE_PATTERN = r"^[a-z0-9]+(-+[a-z0-9]+)*$"

SiteName = Annotated[str, Field(pattern=SITE_PATTERN, max_length=63)]


def _filled(text: object) -> object:
    """`text`, or None when a form left it blank."""
    return None if isinstance(text, str) and not text.strip() else text


# A form then shows a field that may stay empty rather than a choice between "str" and "None".
BLANK = BeforeValidator(_filled)
PLAIN_TEXT = WithJsonSchema({"type": "string"})


class Device(BaseModel):
    """One device: its name, and what it will show of itself when it asks to be admitted."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field(
        pattern=NAME_PATTERN,
        description="Name of the device on its site, such as edge-042",
        json_schema_extra={"position": 0},
    )
    host_id: Annotated[
        Annotated[str, BeforeValidator(printed_host_id)] | None, BLANK, PLAIN_TEXT
    ] = Field(
        default=None,
        title="Host id",
        description="Host id printed on the box: 12 hex digits, or a Docker id in the case it is "
        "printed in. Where requests are approved, a MAC address is enough; a device with "
        "neither gets an activation code of its own",
        json_schema_extra={"position": 1, "default": ""},
    )
    macs: tuple[Annotated[str, BeforeValidator(normal_mac)], ...] = Field(
        default=(),
        title="MAC addresses",
        description="Any of the device's MAC addresses, such as 00:1a:2b:3c:4d:5e; one is enough",
        json_schema_extra={"position": 2},
    )
    zero_touch: Annotated[str | None, BLANK, PLAIN_TEXT] = Field(
        default=None,
        title="Zero-touch profile",
        description="Name of the zero-touch profile on its image. Empty for other devices",
        json_schema_extra={"position": 3, "default": ""},
    )

    @model_validator(mode="after")
    def _is_distinguishable(self) -> "Device":
        if self.zero_touch and not self.identity:
            raise ValueError(
                "a zero-touch device without identity looks like every other of its profile; "
                "give its host id or a MAC"
            )
        return self

    @cached_property
    def identity(self) -> Identity:
        """What a request must show to be this device; empty when the roster gives nothing."""
        host_id = self.host_id.lower() if self.host_id else None
        return Identity(host_id, frozenset(self.macs))
