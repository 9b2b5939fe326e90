"""The fields that flows share in their forms: each with the words that a person reads there."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, JsonValue

from fleet.device import SiteName
from fleet.preflight import check_expiry
from tasks.run import utc_now


def words(title: str, description: str) -> dict[str, JsonValue]:
    """The `json_schema_extra` of a flow's parameter that its form shows with these words.

    Prefect puts the parameter's name and docstring over the title and description of a Field, so
    nothing else reaches the form.
    """
    return {"title": title, "description": description}


Site = Annotated[
    SiteName,
    Field(
        json_schema_extra=words(
            "Site",
            "Name of the site: lower-case letters, digits and dashes, such as plant-7",
        )
    ),
]
DryRun = Annotated[
    bool,
    Field(
        json_schema_extra=words("Dry run", "Only look and show the plan; change nothing anywhere")
    ),
]
Patience = Annotated[
    int,
    Field(
        ge=0,
        le=24 * 60,
        json_schema_extra=words(
            "Patience (minutes)",
            "How long to wait for devices that are not yet in service. The run then ends as "
            "Waiting, and running it again carries on",
        ),
    ),
]
CodeExpires = Annotated[
    datetime | None,
    Field(
        json_schema_extra=words(
            "Code expires",
            "Until when devices may ask by a newly made activation code. None: 7 days from now",
        ),
    ),
]
ExistingCode = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9]{3,5})?$",
        json_schema_extra=words(
            "Existing code ends in",
            "To use an activation config that LEM already has: the last five characters of its "
            "code. Empty: make a new one",
        ),
    ),
]
DeviceCount = Annotated[
    int,
    Field(
        ge=0,
        le=100_000,
        json_schema_extra=words(
            "Device count",
            "How many devices a newly made activation config admits. 0: as many as need it",
        ),
    ),
]
CODE_LIFE = timedelta(days=7)


def expiry(code_expires: datetime | None) -> datetime:
    """The expiry of a new code, aware; a time without a zone is UTC. Refuses the past."""
    now = utc_now()
    if code_expires is None:
        return now + CODE_LIFE
    aware = code_expires if code_expires.tzinfo else code_expires.replace(tzinfo=UTC)
    wanted = aware.astimezone(UTC)
    check_expiry(wanted, now)
    return wanted
