"""The fields of the flows' forms, with their titles, descriptions and limits."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from prefect.context import FlowRunContext
from pydantic import Field, JsonValue

from fleet.device.device import NAME_PATTERN, SITE_PATTERN, SiteName
from fleet.planning.preflight import check_expiry
from systems.registry import connection_names
from tasks.runtime.connection_run import utc_now

SIX_DIGITS = r"^\s*(\d{3}\s?\d{3})?\s*$"  # what an authenticator app shows, or nothing


def words(title: str, description: str) -> dict[str, JsonValue]:
    """The `json_schema_extra` of a flow's parameter: the title and description in its form.

    Prefect overwrites the title and description of a Field with the parameter's name and docstring,
    so there is no other way.
    """
    return {"title": title, "description": description}


Site = Annotated[
    SiteName,
    Field(
        json_schema_extra=words(
            "Site",
            "Name of the site, such as plant-7: lower-case letters, digits and dashes",
        )
    ),
]
RosterText = Annotated[
    str,
    Field(
        json_schema_extra=words(
            "Roster",
            "A table, pasted from a spreadsheet or as CSV: at most 500 KB, about 5,000 lines. Or "
            "the path or URL of a workbook or CSV file that the worker can read, s3://, az://, "
            "gs:// and sftp:// too. A row above the devices names the columns: device, host_id, "
            "mac, zero_touch, connection",
        ),
    ),
]
PlanId = Annotated[
    str,
    Field(
        pattern=r"^\s*([0-9A-Fa-f]{12,64})?\s*$",
        json_schema_extra=words(
            "Plan",
            "The plan that plan-site printed, such as 3f9a61c07be2d514, to apply exactly that. "
            "Leave the roster empty then; all else in this form but the wait limit is the plan's. "
            "Where the world has changed since, nothing is done",
        ),
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
    Field(json_schema_extra=words("Dry run", "Only observe and show the plan. Change nothing")),
]
WaitLimit = Annotated[
    int,
    Field(
        ge=0,
        le=24 * 60,
        json_schema_extra=words(
            "Wait limit (minutes)",
            "How long to wait for devices that are not yet in service. After that the run ends as "
            "Waiting; run it again to carry on",
        ),
    ),
]
CodeExpires = Annotated[
    datetime | None,
    Field(
        json_schema_extra=words(
            "Code expires",
            "LEM: until when devices may ask by a new activation code. Empty: for 7 days",
        ),
    ),
]
ExistingCode = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9]{3,5})?$",
        json_schema_extra=words(
            "Existing code ends in",
            "LEM: the last five characters of the code of an activation config to use. Empty: make "
            "a new config",
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
            "LEM: how many devices a new activation config admits. 0: as many as need it",
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
            "Name of the connection to the devices' system, as check-connections lists it: a "
            f"block's name, or {connection_names()}",
        ),
    ),
]
Approval = Annotated[
    Literal["as before", "by policy", "human"],
    Field(
        json_schema_extra=words(
            "Approval",
            "human: every request is held for a person. provision-device then waits with a form of "
            "its own; otherwise start review-requests. by policy: the site's policy decides, also "
            "where people had to before; it is exact-match unless a file says otherwise. as "
            "before: as the device was ordered last, and by policy for a new device",
        )
    ),
]


def asks_people(approval: str) -> bool | None:
    """What an order says of *Approval*; None where it stays as it was ordered last."""
    return None if approval == "as before" else approval == "human"


RequestedBy = Annotated[
    str,
    Field(
        max_length=100,
        json_schema_extra=words(
            "Requested by",
            "Your name. A site's policy may demand that somebody else decides",
        ),
    ),
]
RequesterDigits = Annotated[
    str,
    Field(
        pattern=SIX_DIGITS,
        json_schema_extra=words(
            "Requester's digits",
            "Only where approvers are enrolled, and whoever asks may not decide: the six digits of "
            "your authenticator app, which prove who asks. They work once",
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
            "Deadline for a person's decision. After it a late answer is refused, and what is held "
            "stays held",
        ),
    ),
]
Connections = Annotated[
    tuple[str, ...],
    Field(
        json_schema_extra=words(
            "Connections",
            f"Names of the connections to check: blocks' names, or {connection_names()}. Empty: "
            "all of them",
        )
    ),
]
ActivatedBy = Annotated[
    Literal["as before", "Muster", "the device"],
    Field(
        json_schema_extra=words(
            "Activated by",
            "Who exchanges a provision_api code for the device's token. Muster: the token is "
            "sealed, to be handed over. The device: the code is, and the device exchanges it. As "
            "before: whoever did when the device was ordered last, and Muster for a new device",
        )
    ),
]


def device_activates(activated_by: str) -> bool | None:
    """What an order says of *Activated by*; None where it stays as it was ordered last."""
    return None if activated_by == "as before" else activated_by == "the device"


AcceptRepairs = Annotated[
    str,
    Field(
        max_length=500,
        json_schema_extra=words(
            "Accept repairs",
            "Which repairs of damaged cells may be used. none: they are proposed, and their lines "
            "wait. safe: those that cannot be anything else. all: guesses, too. Or by column, such "
            "as: mac: all, host_id: none",
        ),
    ),
]
Columns = Annotated[
    str,
    Field(
        max_length=5_000,
        json_schema_extra=words(
            "Columns",
            "What columns of the roster are to be used as, where the plan shows that they are not "
            "understood: Asset tag = device; Location = ; Foo = auto. Nothing: not read. auto: as "
            "found. It is remembered for the site",
        ),
    ),
]
RegisterAgain = Annotated[
    bool,
    Field(
        json_schema_extra=words(
            "Register again",
            "Where a system has codes or tokens: take over devices that were revoked, which "
            "revives them, or that somebody else registered or activated, which replaces their "
            "data and key there",
        )
    ),
]
CODE_LIFE = timedelta(days=7)


def expiry(code_expires: datetime | None) -> datetime:
    """The expiry of a new code, aware; a time without a zone is UTC. Refuses the past.

    A run that was suspended may start again days later: what counts is its first start.
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
