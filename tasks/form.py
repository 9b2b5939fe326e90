"""The fields that flows share in their forms: each with the words that a person reads there."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from fleet.preflight import check_expiry
from tasks.run import utc_now

DryRun = Annotated[
    bool,
    Field(title="Dry run", description="Only look and show the plan; change nothing anywhere"),
]
Patience = Annotated[
    int,
    Field(
        title="Patience (minutes)",
        ge=0,
        le=24 * 60,
        description="How long to wait for devices that are not yet in service. The run then ends "
        "as Waiting, and running it again carries on",
    ),
]
CodeExpires = Annotated[
    datetime | None,
    Field(
        title="Code expires",
        description="Until when devices may ask by a newly made activation code. Empty: 7 days",
    ),
]
ExistingCode = Annotated[
    str | None,
    Field(
        title="Existing code ends in",
        min_length=3,
        max_length=29,
        description="Last five characters of the code of an activation config that LEM already "
        "has, to use that instead of making one. Empty: make one",
    ),
]
DeviceCount = Annotated[
    int | None,
    Field(
        title="Device count",
        ge=1,
        le=100_000,
        description="How many devices a newly made activation config admits. Empty: as many as "
        "need it",
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
