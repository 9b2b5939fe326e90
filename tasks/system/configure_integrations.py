"""Configure integrations: make the webhooks and routes that are missing, and nothing else."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.blocks.system import Secret as SecretBlock
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed
from pydantic import SecretStr

from connections.named import find
from fleet.planning.preflight import ImpossibleRun
from fleet.system.integrations import (
    Compared,
    Configuration,
    FromBlock,
    FromEnvironment,
    Header,
    Integrations,
    Presence,
    Route,
    Webhook,
    compare,
    without_webhook,
)
from fleet.system.system import Integrating
from systems.registry import names_of
from systems.shared.errors import ApiError, Unanswered
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.retries import CHANGES, READS
from tasks.runtime.settings import RunSettings

Row = dict[str, str]


async def configure(connection: str, wanted: Configuration, dry_run: bool) -> RunState[Any]:
    """List what the system has, make what is missing, and report on everything wanted."""
    _refuse_hosts(wanted)
    headers = {webhook.name: await _headers(webhook) for webhook in wanted.webhooks}
    async with (await find(connection)).opened() as system:
        if not isinstance(system, Integrating):
            raise ImpossibleRun(
                f"{system.profile.system} has no integrations, and {connection!r} leads there. "
                f"Name a connection to a system that has: {names_of(Integrating)}."
            )
        try:
            listed = await _listed(system, connection)
        except Unanswered as error:
            raise ImpossibleRun(
                f"{error}. When a service answers so only about integrations, its database lacks "
                "their tables: ask its operator."
            ) from None
        _refuse(wanted, listed)
        found = compare(wanted, listed)
        rows = [_row(each) for each in found]
        missing = [each for each in found if each.presence is Presence.MISSING]
        if not dry_run:
            rows = [_row(e) for e in found if e not in missing]
            rows += await _made(system, connection, missing, listed, headers)
        return await _concluded(connection, system.scope, rows, dry_run)


def _refuse(wanted: Configuration, listed: Integrations) -> None:
    """Raise ImpossibleRun for what cannot be made, before anything is."""
    if listed.gap:
        raise ImpossibleRun(listed.gap)
    if lost := without_webhook(wanted, listed):
        text = ", ".join(f"{route.name!r} to {route.webhook!r}" for route in lost)
        raise ImpossibleRun(
            f"These routes lead to a webhook that neither the file nor the system has: {text}. Add "
            "the webhook, or correct its name."
        )


def _refuse_hosts(wanted: Configuration) -> None:
    """Raise ImpossibleRun for a webhook that leads to a host that is not allowed."""
    allowed = RunSettings().integration_hosts
    for webhook in wanted.webhooks if allowed else ():
        if webhook.host not in allowed:
            raise ImpossibleRun(
                f"The webhook {webhook.name!r} leads to {webhook.host}, and "
                f"MUSTER_INTEGRATION_HOSTS allows {', '.join(allowed)}. Correct its address, or "
                "add the host there."
            )


async def _made(
    system: Integrating,
    connection: str,
    missing: Sequence[Compared],
    listed: Integrations,
    headers: Mapping[str, Mapping[str, SecretStr]],
) -> list[Row]:
    """Make what is missing, webhooks first; one that fails holds back only its own routes."""
    ids = {webhook.name: webhook.id for webhook in listed.webhooks}
    rows: list[Row] = []
    for each in missing:
        wanted = each.wanted
        if isinstance(wanted, Route) and wanted.webhook not in ids:
            rows.append(_row(each, "failed", f"its webhook {wanted.webhook!r} was not made"))
            continue
        try:
            if isinstance(wanted, Webhook):
                made = _webhook(system, wanted, headers[wanted.name])
                ids[wanted.name] = await result_of(made)
            else:
                await result_of(_route(system, wanted, ids[wanted.webhook]))
        except ApiError as error:
            rows.append(await _after_all(system, connection, each, ids, error))
        else:
            rows.append(_row(each, "created", ""))
    return rows


async def _after_all(
    system: Integrating, connection: str, each: Compared, ids: dict[str, str], error: ApiError
) -> Row:
    """What came of a call that failed; without an answer, it may have been done."""
    if not error.outcome_unknown:
        return _row(each, "failed", str(error))
    await asyncio.sleep(RunSettings().observe_gap_min.total_seconds())
    try:
        listed = await _listed(system, connection)
    except ApiError as trouble:
        return _row(each, "failed", f"{error}. It may have been made: {trouble}")
    of_kind = listed.webhooks if isinstance(each.wanted, Webhook) else listed.routes
    found = [known for known in of_kind if known.name == each.wanted.name]
    if not found:
        return _row(each, "failed", f"{error}. It is not there yet. Run this again")
    if isinstance(each.wanted, Webhook):
        ids[each.wanted.name] = found[0].id
    return _row(each, "created", "the call was not answered, but it is there")


async def _listed(system: Integrating, connection: str) -> Integrations:
    listed: Integrations = await result_of(_list(system, connection))
    return listed


@task(task_run_name="list the integrations of {connection}", **READS)
@failing_plainly
async def _list(system: Integrating, connection: str) -> Integrations:
    """List what there is."""
    return await system.integrations()


@task(task_run_name="create webhook {webhook.name}", **CHANGES)
@failing_plainly
async def _webhook(system: Integrating, webhook: Webhook, headers: Mapping[str, SecretStr]) -> str:
    """Make one webhook; not repeated when it may have been made."""
    return await system.add_webhook(webhook, headers)


@task(task_run_name="create route {route.name}", **CHANGES)
@failing_plainly
async def _route(system: Integrating, route: Route, webhook_id: str) -> str:
    """Make one route; not repeated when it may have been made."""
    return await system.add_route(route, webhook_id)


async def _headers(webhook: Webhook) -> dict[str, SecretStr]:
    """The values of a webhook's headers, from wherever each is stored."""
    return {name: await _value(webhook, name, header) for name, header in webhook.headers.items()}


async def _value(webhook: Webhook, name: str, header: Header) -> SecretStr:
    if isinstance(header, FromEnvironment):
        if header.env not in os.environ:
            raise ImpossibleRun(
                f"The header {name} of {webhook.name!r} comes from the variable {header.env}, "
                "which is not set in the worker's environment. Set it, or correct its name."
            )
        return SecretStr(os.environ[header.env])
    if isinstance(header, FromBlock):
        try:
            block: SecretBlock[Any] = await SecretBlock.aload(header.block)
        except ValueError:
            raise ImpossibleRun(
                f"The header {name} of {webhook.name!r} comes from the Secret block "
                f"{header.block!r}, which does not exist. Create it, or correct its name."
            ) from None
        return SecretStr(str(block.get()))
    return SecretStr(header)


def _row(each: Compared, state: str = "", reason: str | None = None) -> Row:
    text = each.reason if reason is None else reason
    return {
        "kind": each.kind,
        "name": each.wanted.name,
        "leads to": each.wanted.host if isinstance(each.wanted, Webhook) else each.wanted.webhook,
        "state": state or each.presence.value,
        "reason": text,
    }


async def _concluded(
    connection: str, scope: str, rows: Sequence[Row], dry_run: bool
) -> RunState[Any]:
    counts = {state: sum(1 for row in rows if row["state"] == state) for state in _ORDER}
    text = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    message = f"{scope}: webhooks and routes: {text or 'none wanted'}."
    ordered = sorted(rows, key=lambda row: _ORDER.index(row["state"]))
    key = f"integrations-{connection}"
    await acreate_table_artifact(table=ordered, key=key, description=message)
    if dry_run:
        return Completed(name="Dry run", message=f"Dry run, nothing was changed. {message}")
    bad = [row for row in ordered if row["state"] in _BAD]
    if bad:
        reasons = "\n".join(f"{row['kind']} {row['name']}: {row['reason']}" for row in bad)
        return Failed(message=f"{message}\n{reasons}")
    return Completed(message=message)


_BAD = ("failed", Presence.DIFFERS.value, Presence.DOUBLED.value)
_ORDER = (*_BAD, Presence.MISSING.value, "created", Presence.THERE.value)
