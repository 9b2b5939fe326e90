"""Onboard a site: every device of its roster, from enrollment to service."""

from datetime import timedelta
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.roster.reading import refuse_faults, refuse_unusable
from tasks.onboarding.choices import remembered_columns
from tasks.onboarding.onboard import bring_into_service
from tasks.onboarding.order_form import OrderForm
from tasks.onboarding.plan_site import apply_plan, refuse_both
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import (
    AcceptRepairs,
    ActivatedBy,
    Approval,
    CodeExpires,
    Columns,
    Connection,
    DeviceCount,
    DryRun,
    ExistingCode,
    PlanId,
    RegisterAgain,
    RosterText,
    Site,
    WaitLimit,
    expiry,
    words,
)
from tasks.text.given_roster import given_roster


@flow(flow_run_name="onboard {site}")
@failing_plainly
async def onboard_site(
    site: Site,
    roster: RosterText = "",
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
    columns: Columns = "",
    code_expires: CodeExpires = None,
    existing_code: ExistingCode = "",
    device_count: DeviceCount = 0,
    activated_by: ActivatedBy = "as before",
    register_again: RegisterAgain = False,
    approval: Approval = "as before",
    plan: PlanId = "",
) -> State[Any]:
    """Bring every device that a site's roster lists into service, and report on every line.

    A line may name the connection for its device; the other lines use that of the run. One bad
    device never stops the others. Running a roster again is safe, also after a crash: a device that
    is in service is confirmed, not provisioned twice. The run ends Completed when all devices are
    in service, as Waiting when some are still to come, and Failed when a device failed. It also
    ends Failed when the roster cannot be used; then nothing was begun. With a plan of plan-site,
    exactly that is done, or nothing where the world has changed since.
    """
    wait_limit = timedelta(minutes=wait_minutes)
    if plan.strip():
        refuse_both(roster, dry_run)
        return await apply_plan(plan.strip(), site, wait_limit)
    form = OrderForm(
        connection=connection,
        accept_repairs=accept_repairs,
        columns=columns,
        remembered=remembered_columns(site),
        expires_at=expiry(code_expires),
        existing_code=existing_code,
        device_count=device_count,
        activated_by=activated_by,
        register_again=register_again,
        approval=approval,
    )
    sent = await given_roster(roster, choices=form.choices)
    wanted = await form.roster(sent, site)
    refuse_unusable(wanted)
    if stop_on_faults:
        refuse_faults(wanted)
    order, original = form.order(wanted), form.original(sent)
    return await bring_into_service(order, wait_limit, dry_run, original)
