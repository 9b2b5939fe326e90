"""Provision a device: one device, from enrollment to service, each step a task run."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.admission.desired import Order
from fleet.device.device import Device
from fleet.roster.roster import Line, Roster
from fleet.state.verdict import Decision
from fleet.text.place import Place
from tasks.admission.open_review import Wish
from tasks.admission.review import provision_by_review
from tasks.onboarding.onboard import bring_into_service
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import (
    ActivatedBy,
    AnswerWithin,
    Approval,
    CodeExpires,
    Connection,
    DryRun,
    ExistingCode,
    NamesNeeded,
    RegisterAgain,
    RequestedBy,
    RequesterDigits,
    Site,
    WaitLimit,
    asks_people,
    device_activates,
    expiry,
    words,
)


@flow(flow_run_name="provision {device.name} of {site}")
@failing_plainly
async def provision_device(
    site: Site,
    device: Annotated[
        Device,
        Field(
            json_schema_extra=words(
                "Device",
                "The device, and the host id or MACs that it will show when it asks to be admitted",
            )
        ),
    ],
    connection: Connection = "lem",
    decision: Annotated[
        Literal["approve", "reject"],
        Field(
            json_schema_extra=words(
                "Decision", "What to do about the device's request when it arrives"
            )
        ),
    ] = "approve",
    dry_run: DryRun = False,
    wait_minutes: WaitLimit = 30,
    code_expires: CodeExpires = None,
    existing_code: ExistingCode = "",
    activated_by: ActivatedBy = "as before",
    register_again: RegisterAgain = False,
    approval: Approval = "as before",
    requested_by: RequestedBy = "",
    requester_digits: RequesterDigits = "",
    names_needed: NamesNeeded = 1,
    answer_within_minutes: AnswerWithin = 24 * 60,
) -> State[Any]:
    """Bring one device into service, or reject it.

    Its steps are task runs. LEM: create activation config, wait for request, approve (or reject),
    retry failed provisioning (only when it failed), confirm. Acusight: create provisioning token,
    provision, confirm. provision_api: register, activate, confirm. Steps that are not needed do not
    appear: a zero-touch device needs neither config nor approval. Running it again is safe.

    When *Approval* is human, now or as the device was ordered before, the run waits for a person
    once the device has asked. Its form shows what was expected beside what was observed, and asks
    for a decision, a name and a reason.
    """
    order = Order(
        roster=Roster(site, (Line(Place(1), device, connection),)),
        expires_at=expiry(code_expires),
        existing=existing_code or None,
        decision=Decision(decision),
        is_whole_site=False,
        device_activates=device_activates(activated_by),
        register_again=register_again,
        asks_people=asks_people(approval),
    )
    wait_limit = timedelta(minutes=wait_minutes)
    if dry_run or order.asks_people is False:
        return await bring_into_service(order, wait_limit, dry_run)
    wish = Wish(
        timedelta(minutes=answer_within_minutes), names_needed, requested_by, requester_digits
    )
    return await provision_by_review(order, wish, wait_limit)
