"""Rotate a token: a device in service gets a new one, which is sealed in the ledger."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from fleet.device.device import Device
from tasks.device.rotate import replace_key
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import Connection, DeviceName, DryRun, Site


@flow(flow_run_name="rotate token of {device} of {site}")
@failing_plainly
async def rotate_token(
    site: Site,
    device: DeviceName,
    connection: Connection = "provision-api",
    dry_run: DryRun = False,
) -> State[Any]:
    """Replace the token of one device in service, and seal the new one to be handed over.

    Use it when a token was lost or has become known. A device that is not listed, or is revoked,
    gets none. Running it again makes another token; only the last one works.
    """
    return await replace_key(site, Device(name=device), connection, dry_run)
