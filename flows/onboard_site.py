"""Onboard a site: every device of its roster, from enrollment to service."""

from datetime import timedelta
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.admission.desired import Order
from fleet.roster.choices import Choices
from fleet.roster.reading import refuse_faults, roster_of
from fleet.roster.repair import Acceptance
from sheets.marked import Original
from tasks.onboarding.onboard import bring_into_service
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import (
    AcceptRepairs,
    ActivatedBy,
    Approval,
    CodeExpires,
    Connection,
    DeviceCount,
    DryRun,
    ExistingCode,
    RegisterAgain,
    Site,
    WaitLimit,
    asks_people,
    device_activates,
    expiry,
    words,
)
from tasks.system.connections import connection_names
from tasks.text.given_roster import given_roster


@flow(flow_run_name="onboard {site}")
@failing_plainly
async def onboard_site(
    site: Site,
    roster: Annotated[
        str,
        Field(
            json_schema_extra=words(
                "Roster",
                "A table, pasted from a spreadsheet or as CSV; or the path or URL of a workbook or "
                "CSV file that the worker can read. A row above the devices names the columns: "
                "device, host_id, mac, zero_touch, connection",
            ),
        ),
    ],
    connection: Connection = "lem",
    dry_run: DryRun = False,
    wait_minutes: WaitLimit = 30,
    stop_on_faults: Annotated[
        bool,
        Field(
            json_schema_extra=words(
                "Stop on faulty lines",
                "Do nothing when any line of the roster is faulty, or waits for a yes to a repair. "
                "If off: such lines are reported, and the others are onboarded",
            ),
        ),
    ] = False,
    accept_repairs: AcceptRepairs = "none",
    code_expires: CodeExpires = None,
    existing_code: ExistingCode = "",
    device_count: DeviceCount = 0,
    activated_by: ActivatedBy = "as before",
    register_again: RegisterAgain = False,
    approval: Approval = "as before",
) -> State[Any]:
    """Bring every device that a site's roster lists into service, and report on every line.

    A line may name the connection for its device; the other lines use that of the run. One bad
    device never stops the others. Running a roster again is safe, also after a crash: a device that
    is in service is confirmed, not provisioned twice. The run ends Completed when all devices are
    in service, as Waiting when some are still to come, and Failed when a device failed. It also
    ends Failed when the roster cannot be used; then nothing was begun.
    """
    choices = Choices(accept_repairs=Acceptance.of(accept_repairs))
    sent = await given_roster(roster)
    wanted = roster_of(sent, site, connection, await connection_names(), choices)
    if stop_on_faults:
        refuse_faults(wanted)
    order = Order(
        roster=wanted,
        expires_at=expiry(code_expires),
        capacity=device_count or None,
        existing=existing_code or None,
        device_activates=device_activates(activated_by),
        register_again=register_again,
        asks_people=asks_people(approval),
    )
    original = Original(sent.file, choices) if sent.file else None
    return await bring_into_service(order, timedelta(minutes=wait_minutes), dry_run, original)
