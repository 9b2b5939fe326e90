"""Configure integrations: make the webhooks and routes of a file that are missing."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.system.integrations import read_configuration
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import Connection, DryRun, words
from tasks.system.configure_integrations import configure
from tasks.text.given_text import given_text
from tasks.text.text_kind import INTEGRATIONS


@flow(flow_run_name="configure the integrations of {connection}")
@failing_plainly
async def configure_integrations(
    configuration: Annotated[
        str,
        Field(
            json_schema_extra=words(
                "Configuration",
                "The YAML text, pasted; or the path of a .yaml file in the worker's roster "
                "folder, or its URL at a host that the worker may ask. It lists webhooks and "
                "routes. It names credentials, and never contains them",
            )
        ),
    ],
    connection: Connection = "provision-api",
    dry_run: DryRun = False,
) -> State[Any]:
    """Make the webhooks and routes that a file lists and the system lacks.

    It never changes or removes what is there, because the system has no calls for that. What
    differs is reported, and the run then ends Failed. Running it again makes nothing twice.
    """
    wanted = read_configuration(await given_text(configuration, INTEGRATIONS))
    return await configure(connection, wanted, dry_run)
