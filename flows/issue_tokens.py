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
        Field(json_schema_extra=words("Action", "What to do with provisioning tokens")),
    ] = "list",
    site: Annotated[
        str,
        Field(
            pattern=f"{SITE_PATTERN}|^$",
            json_schema_extra=words(
                "Site", "Create: the site whose devices will use the tokens, such as plant-7"
            ),
        ),
    ] = "",
    name: Annotated[
        str,
        Field(
            max_length=80,
            json_schema_extra=words(
                "Name", "Create: the tokens' name; the time and a number are added"
            ),
        ),
    ] = "",
    number: Annotated[
        int,
        Field(ge=1, le=500, json_schema_extra=words("Number", "Create: how many tokens to make")),
    ] = 1,
    single_use: Annotated[
        bool,
        Field(json_schema_extra=words("Single use", "Create: each token admits one device only")),
    ] = True,
    lifetime_days: Annotated[
        int,
        Field(
            ge=0,
            le=3650,
            json_schema_extra=words(
                "Lifetime (days)", "Create: how long a token admits devices. 0: for ever"
            ),
        ),
    ] = 30,
    token_id: Annotated[
        str,
        Field(json_schema_extra=words("Token id", "Revoke: the token's id, as the list shows it")),
    ] = "",
    dry_run: DryRun = False,
) -> State[Any]:
    """Make, list or revoke the provisioning tokens by which devices provision themselves.

    A new token is sealed in the ledger as soon as it is received, and handed over with the site's
    other secrets; it is shown nowhere else. Creating again makes more tokens. Revoking again
    changes nothing. Devices that a token admitted stay in service when it is revoked.
    """
    if action == "list":
        return await list_tokens(connection)
    if action == "revoke":
        return await revoke_token(connection, token_id.strip(), dry_run)
    lifetime = timedelta(days=lifetime_days) if lifetime_days else None
    order = TokenOrder(site, name.strip(), number, lifetime, single_use)
    return await create_tokens(connection, order, dry_run)
