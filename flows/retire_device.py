"""Retire a device: take it out of service, and watch that nothing admits it again."""

from datetime import timedelta
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.device.device import Device
from tasks.device.retire import remove_from_service
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import Connection, DeviceName, DryRun, Site, words


@flow(flow_run_name="retire {device} of {site}")
@failing_plainly
async def retire_device(
    site: Site,
    device: DeviceName,
    connection: Connection = "provision-api",
    host_id: Annotated[
        str,
        Field(
            json_schema_extra=words(
                "Host id",
                "LEM and Acusight: the device's host id, by which it is found there. Empty: as the "
                "ledger has it",
            )
        ),
    ] = "",
    watch_minutes: Annotated[
        int,
        Field(
            ge=0,
            le=24 * 60,
            json_schema_extra=words(
                "Watch (minutes)",
                "How long to watch that nothing admits it again, such as a code that was handed "
                "out and not used. provision_api's codes are valid for 60 minutes",
            ),
        ),
    ] = 60,
    dry_run: DryRun = False,
) -> State[Any]:
    """Take one device out of service, read back that it is, and watch that it stays so.

    provision_api: it is revoked, read back, and watched; a device that comes back by an unused code
    is revoked again. Acusight: the token by which it came in is revoked. Where a system has no call
    for it, the run says what to do and ends as *By hand*. Running it again is safe.
    """
    wanted = Device(name=device, host_id=host_id or None)
    watch = timedelta(minutes=watch_minutes)
    return await remove_from_service(site, wanted, connection, watch, dry_run)
