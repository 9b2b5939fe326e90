"""Provision a device: one device, from enrolment to service, each step a task run."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.device import Device
from fleet.order import Order
from fleet.policy import Decision
from fleet.roster import Line, Roster
from tasks.expected import failing_plainly
from tasks.form import (
    ActivatedBy,
    CodeExpires,
    Connection,
    DryRun,
    ExistingCode,
    Patience,
    RegisterAgain,
    Site,
    expiry,
    words,
)
from tasks.onboarding import bring_into_service


@flow(flow_run_name="provision {device.name} of {site}")
@failing_plainly
async def provision_device(
    site: Site,
    device: Annotated[
        Device,
        Field(
            json_schema_extra=words(
                "Device",
                "The device, and what it will show of itself when it asks to be let in",
            )
        ),
    ],
    connection: Connection = "lem",
    decision: Annotated[
        Literal["approve", "reject"],
        Field(
            json_schema_extra=words(
                "Decision", "What becomes of the device's request when it comes"
            )
        ),
    ] = "approve",
    dry_run: DryRun = False,
    patience_minutes: Patience = 30,
    code_expires: CodeExpires = None,
    existing_code: ExistingCode = "",
    activated_by: ActivatedBy = "Muster",
    register_again: RegisterAgain = False,
) -> State[Any]:
    """Bring one device into service, or turn it away.

    Its steps are task runs. LEM: create activation config, wait for request, approve (or reject),
    retry failed provisioning (only when it failed), confirm. Acusight: create provisioning token,
    provision, confirm. provision_api: register, activate, confirm. Steps that are not needed do not
    appear: a zero-touch device needs neither config nor approval. Running it again is safe.
    """
    order = Order(
        roster=Roster(site, (Line(1, device, connection),)),
        expires_at=expiry(code_expires),
        existing=existing_code or None,
        decision=Decision(decision),
        is_whole_site=False,
        device_activates=activated_by == "the device",
        register_again=register_again,
    )
    return await bring_into_service(order, timedelta(minutes=patience_minutes), dry_run)
