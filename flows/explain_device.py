"""Explain a device: its whole story, why it is in its state, and what happens next."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.device.device import SITE_PATTERN
from tasks.device.explain import explain
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import DeviceName, Site, words


@flow(flow_run_name="explain {device} of {site}")
@failing_plainly
async def explain_device(
    site: Site,
    device: DeviceName,
    connection: Annotated[
        str,
        Field(
            pattern=rf"^$|{SITE_PATTERN}",
            max_length=63,
            json_schema_extra=words(
                "Connection",
                "Observe by this connection alone. Empty: by all by which the ledger knows it",
            ),
        ),
    ] = "",
) -> State[Any]:
    """Report everything that is known of one device, in the log and as an artifact.

    Each of its systems is observed once, and nothing is claimed or changed. A system that is down
    is *not checked*, and the rest is reported. Secrets are never shown: only that they are held,
    since and until when, and who took them.
    """
    return await explain(site, device, connection)
