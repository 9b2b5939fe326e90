"""Issue tokens: provisioning tokens for devices that provision themselves."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.device.device import SITE_PATTERN
from tasks.device.issue_tokens import TokenOrder, create_tokens, list_tokens, revoke_token
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import Connection, DryRun, words


@flow(flow_run_name="{action} tokens of {connection}")
@failing_plainly
async def issue_tokens(
    connection: Connection = "acusight",
    action: Annotated[
        Literal["list", "create", "revoke"],
        Field(json_schema_extra=words("Action", "What is to be done with provisioning tokens")),
    ] = "list",
    site: Annotated[
        str,
        Field(
            pattern=f"{SITE_PATTERN}|^$",
            json_schema_extra=words(
                "Site", "Create: the site whose devices are to use the tokens, such as plant-7"
            ),
        ),
    ] = "",
    name: Annotated[
        str,
        Field(
            max_length=80,
            json_schema_extra=words(
                "Name", "Create: what the tokens are called; the time and a number are added"
            ),
        ),
    ] = "",
    number: Annotated[
        int,
        Field(ge=1, le=500, json_schema_extra=words("Number", "Create: how many tokens are made")),
    ] = 1,
    single_use: Annotated[
        bool,
        Field(
            json_schema_extra=words(
                "Single use", "Create: each token lets in one device, and no second one"
            )
        ),
    ] = True,
    lifetime_days: Annotated[
        int,
        Field(
            ge=0,
            le=3650,
            json_schema_extra=words(
                "Lifetime (days)", "Create: how long a token lets devices in. 0: for ever"
            ),
        ),
    ] = 30,
    token_id: Annotated[
        str,
        Field(json_schema_extra=words("Token id", "Revoke: the token's id, as the list shows it")),
    ] = "",
    dry_run: DryRun = False,
) -> State[Any]:
    """Make, list or revoke the provisioning tokens by which devices come in on their own.

    A new token is sealed in the ledger by the step that received it, and is handed over with the
    site's other secrets; nobody else sees it. Creating again makes further tokens. Revoking again
    changes nothing, and puts out no device that a token let in.
    """
    if action == "list":
        return await list_tokens(connection)
    if action == "revoke":
        return await revoke_token(connection, token_id.strip(), dry_run)
    lifetime = timedelta(days=lifetime_days) if lifetime_days else None
    order = TokenOrder(site, name.strip(), number, lifetime, single_use)
    return await create_tokens(connection, order, dry_run)
