"""Retire a device: out of service, and watched in case something lets it in again."""

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
                "Host id", "LEM and Acusight: the device's host id, by which it is found there"
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
                "How long to watch for what lets it in again, such as a code that was handed out "
                "and not used; provision_api's codes live for 60 minutes",
            ),
        ),
    ] = 60,
    dry_run: DryRun = False,
) -> State[Any]:
    """Take one device out of service, prove it, and watch that it stays out.

    provision_api: revoked, read back, and watched; what comes back by an unused code is revoked
    again. Acusight: the token by which it came in is revoked. What a system has no call for is said
    in words, and the run ends named *By hand*. Running it again is safe.
    """
    wanted = Device(name=device, host_id=host_id or None)
    watch = timedelta(minutes=watch_minutes)
    return await remove_from_service(site, wanted, connection, watch, dry_run)
