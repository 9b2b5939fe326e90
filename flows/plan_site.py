"""Plan a site: what onboarding it would do, kept so that exactly that can be applied."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.onboarding.choices import remembered_columns
from tasks.onboarding.order_form import OrderForm
from tasks.onboarding.plan_site import plan_site as planned
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import (
    AcceptRepairs,
    ActivatedBy,
    Approval,
    CodeExpires,
    Columns,
    Connection,
    DeviceCount,
    ExistingCode,
    RegisterAgain,
    RosterText,
    Site,
    expiry,
)
from tasks.text.given_roster import roster_content
from tasks.text.given_text import named


@flow(flow_run_name="plan {site}")
@failing_plainly
async def plan_site(
    site: Site,
    roster: RosterText,
    connection: Connection = "lem",
    accept_repairs: AcceptRepairs = "none",
    columns: Columns = "",
    code_expires: CodeExpires = None,
    existing_code: ExistingCode = "",
    device_count: DeviceCount = 0,
    activated_by: ActivatedBy = "as before",
    register_again: RegisterAgain = False,
    approval: Approval = "as before",
) -> State[Any]:
    """Show what onboarding a site would do, line by line, and change nothing.

    Each line is one of: create, under way, unchanged, revive, conflict, repair, faulty, not
    checked. The plan is kept for 7 days under a name, such as 3f9a61c07be2d514: onboard-site with
    that plan does exactly this, or refuses and shows what changed since. The run ends Completed, as
    *No changes* when nothing is to be done.
    """
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
    return await planned(await roster_content(roster), named(roster), site, form)
