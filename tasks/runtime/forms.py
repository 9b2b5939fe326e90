"""The fields that flows share in their forms: each with the words that a person reads there."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from prefect.context import FlowRunContext
from pydantic import Field, JsonValue

from fleet.device.device import NAME_PATTERN, SITE_PATTERN, SiteName
from fleet.planning.preflight import check_expiry
from systems.registry import connection_names
from tasks.runtime.connection_run import utc_now


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
DeviceName = Annotated[
    str,
    Field(
        pattern=NAME_PATTERN,
        json_schema_extra=words("Device", "Name of the device on its site, such as edge-042"),
    ),
]
DryRun = Annotated[
    bool,
    Field(json_schema_extra=words("Dry run", "Only observe and show the plan; change nothing")),
]
WaitLimit = Annotated[
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
            "LEM: until when devices may ask by a newly made activation code. None: for 7 days",
        ),
    ),
]
ExistingCode = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9]{3,5})?$",
        json_schema_extra=words(
            "Existing code ends in",
            "LEM: to use an activation config that is there already, the last five characters of "
            "its code. Empty: make a new one",
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
            "LEM: how many devices a newly made activation config admits. 0: as many as need it",
        ),
    ),
]
Connection = Annotated[
    str,
    Field(
        pattern=SITE_PATTERN,
        max_length=63,
        json_schema_extra=words(
            "Connection",
            "Name of the connection to the system that the devices are brought into, as "
            f"check-connections lists them: a block's name, or {connection_names()}",
        ),
    ),
]
Approval = Annotated[
    Literal["policy", "human"],
    Field(
        json_schema_extra=words(
            "Approval",
            "policy: requests are decided by the site's policy, which is exact-match unless a file "
            "says otherwise. human: no rule approves anything, and all that ask are held for a "
            "person: provision-device waits with a form of its own, else start review-requests",
        )
    ),
]
RequestedBy = Annotated[
    str,
    Field(
        max_length=100,
        json_schema_extra=words(
            "Requested by",
            "Your name, as whoever starts this. A site's policy may demand that somebody else "
            "decides",
        ),
    ),
]
NamesNeeded = Annotated[
    int,
    Field(
        ge=1,
        le=9,
        json_schema_extra=words(
            "Names needed",
            "How many different people must approve. A site's policy may demand more",
        ),
    ),
]
AnswerWithin = Annotated[
    int,
    Field(
        ge=1,
        le=60 * 24 * 30,
        json_schema_extra=words(
            "Answer within (minutes)",
            "Deadline for a person's decision. After it nothing is decided, what is held stays "
            "held, and a late answer is refused",
        ),
    ),
]
Connections = Annotated[
    tuple[str, ...],
    Field(
        json_schema_extra=words(
            "Connections",
            f"Names of the connections to check: blocks' names, or {connection_names()}. None: "
            "all that are known",
        )
    ),
]
ActivatedBy = Annotated[
    Literal["Muster", "the device"],
    Field(
        json_schema_extra=words(
            "Activated by",
            "Who exchanges a provision_api code for the device's token: Muster, which keeps the "
            "token for the hand-over, or the device, which is handed the code",
        )
    ),
]
RegisterAgain = Annotated[
    bool,
    Field(
        json_schema_extra=words(
            "Register again",
            "Where a system has codes or tokens: take over devices that were revoked, which "
            "revives them, or that somebody else registered, which replaces what is kept of them",
        )
    ),
]
CODE_LIFE = timedelta(days=7)


def expiry(code_expires: datetime | None) -> datetime:
    """The expiry of a new code, aware; a time without a zone is UTC. Refuses the past.

    A run that was suspended begins anew, perhaps days later: what counts is when it began at first.
    """
    now = utc_now()
    if code_expires is None:
        return now + CODE_LIFE
    aware = code_expires if code_expires.tzinfo else code_expires.replace(tzinfo=UTC)
    wanted = aware.astimezone(UTC)
    context = FlowRunContext.get()
    began = context.flow_run.start_time if context and context.flow_run else None
    check_expiry(wanted, min(now, began or now))  # a simulation may be in the past
    return wanted
