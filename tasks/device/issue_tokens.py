"""Issue tokens: make, list and revoke those by which devices provision themselves."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.logging import get_run_logger
from prefect.states import Completed

from connections.named import find
from fleet.device.secret import Secret
from fleet.planning.preflight import ImpossibleRun
from fleet.system.system import IssuedToken, Issuing
from ledger.database.engine import LedgerUnusable
from ledger.session import Ledger, open_ledger
from ledger.state.claims import Claim
from reports.page.wording import clock, counted
from systems.registry import names_of
from systems.shared.errors import ApiError
from tasks.runtime.connection_run import utc_now
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.heads import sign_head
from tasks.runtime.outage import written
from tasks.runtime.retries import CHANGES, READS

TRIES = 3  # of one token; each that is lost with its answer is revoked before the next


@dataclass(frozen=True)
class TokenOrder:
    """Tokens to be made: `number` of them, for devices of `site`; `lifetime` None: for ever."""

    site: str
    name: str
    number: int
    lifetime: timedelta | None
    single_use: bool


class TokenDesk:
    """The system that issues tokens, and the ledger that seals them."""

    def __init__(self, connection: str, scope: str, system: Issuing, ledger: Ledger) -> None:
        self.connection, self.scope, self.system, self.ledger = connection, scope, system, ledger
        ledger.secrets.check_key()

    def seal(self, site: str, secrets: Sequence[Secret], now: datetime) -> None:
        """Seal `secrets` in the ledger, under `site`."""
        self.ledger.secrets.keep(Claim(site, self.scope), secrets, now)


async def list_tokens(connection: str) -> RunState[Any]:
    """Show every token there is."""
    async with _desk(connection) as desk:
        tokens = await _listed_now(desk)
        open_ = sum(1 for token in tokens if _is_open(token, utc_now()))
        message = f"{counted(len(tokens), 'token')} in {desk.scope}, {open_} of them usable."
        await _show(desk, tokens, message)
        return Completed(message=message)


async def create_tokens(connection: str, order: TokenOrder, dry_run: bool) -> RunState[Any]:
    """Make tokens, each sealed in the step that received it, to be handed over with the site's."""
    if not (order.site and order.name):
        raise ImpossibleRun("A token needs a site and a name. Give both.")
    many = counted(order.number, "token")
    async with _desk(connection) as desk:
        if dry_run:
            message = f"Dry run, nothing was changed: {many} would be made in {desk.scope}."
            return Completed(name="Dry run", message=message)
        desk.ledger.secrets.register_key(Claim(order.site, desk.scope))
        stamp = f"{utc_now():%Y%m%dT%H%M%SZ}"
        names = [f"{order.name} {stamp}-{n}" for n in range(1, order.number + 1)]
        made = [await result_of(issue(desk, replace(order, name=name))) for name in names]
        message = (
            f"{many} made in {desk.scope} and sealed under {order.site}: hand them over by "
            "hand-over-secrets."
        )
        await _show(desk, made, message)
        return Completed(message=message)


async def revoke_token(connection: str, token_id: str, dry_run: bool) -> RunState[Any]:
    """Revoke a token, so that it admits no further device; harmless when it is revoked already."""
    async with _desk(connection) as desk:
        known = {token.id: token for token in await _listed_now(desk)}
        if token_id not in known:
            raise ImpossibleRun(
                f"{desk.scope} has no token with the id {token_id!r}. List the tokens first."
            )
        token = known[token_id]
        who = f"The token {token.name!r}"
        if token.revoked_at:
            return Completed(message=f"{who} was revoked before, at {clock(token.revoked_at)} UTC.")
        if dry_run:
            message = f"Dry run, nothing was changed: {who[0].lower()}{who[1:]} would be revoked."
            return Completed(name="Dry run", message=message)
        await result_of(_revoke(desk, token))
        message = f"{who} is revoked. Devices that it admitted stay in service."
        await _show(desk, await _listed_now(desk), message)
        return Completed(message=message)


@asynccontextmanager
async def _desk(connection: str) -> AsyncIterator[TokenDesk]:
    """The desk of a connection; ImpossibleRun when its system issues no tokens."""
    with open_ledger() as ledger:
        found = await find(connection)
        async with found.opened() as system:
            if not isinstance(system, Issuing):
                raise ImpossibleRun(
                    f"{system.profile.system} issues no provisioning tokens, and {connection!r} "
                    f"leads there. Name a connection to a system that does: {names_of(Issuing)}."
                )
            yield TokenDesk(connection, system.scope, system, ledger)
            sign_head(ledger)


async def _listed_now(desk: TokenDesk) -> list[IssuedToken]:
    """Every token; those that were revoked or used up are handed over no more."""
    tokens = await result_of(_listed(desk))
    revoked = [token.id for token in tokens if token.revoked_at]
    desk.ledger.secrets.revoke(desk.scope, revoked, utc_now())
    return tokens


@task(task_run_name="list the tokens of {desk.connection}", **READS)
@failing_plainly
async def _listed(desk: TokenDesk) -> list[IssuedToken]:
    """List all tokens."""
    return await desk.system.issued()


@task(task_run_name="issue {order.name}", **CHANGES)
@failing_plainly
async def issue(desk: TokenDesk, order: TokenOrder) -> IssuedToken:
    """Make one token and seal it. A token whose answer was lost is revoked, and another made."""
    for left in reversed(range(TRIES)):
        try:
            token, secret = await desk.system.issue(order.name, order.lifetime, order.single_use)
        except ApiError as error:
            if not error.outcome_unknown:
                raise
            get_run_logger().warning("%s. If a token was made, it is revoked now.", error)
            await _revoke_lost(desk, order.name)
            if not left:
                raise
        else:
            sealed = partial(desk.seal, order.site, [secret], utc_now())
            try:
                await written(desk.ledger, sealed)
            except LedgerUnusable:
                get_run_logger().error("The token %s is lost, and is revoked now.", order.name)
                await _revoke_lost(desk, order.name)
                raise
            break
    return token


async def _revoke_lost(desk: TokenDesk, name: str) -> None:
    for token in await desk.system.issued():
        if token.name == name and not token.revoked_at:
            await desk.system.revoke_token(token.id)


@task(task_run_name="revoke {token.name}", **CHANGES)
@failing_plainly
async def _revoke(desk: TokenDesk, token: IssuedToken) -> None:
    """Revoke one token. After a lost answer, the list shows whether it was."""
    try:
        await desk.system.revoke_token(token.id)
    except ApiError:
        tokens = {each.id: each for each in await desk.system.issued()}
        if token.id not in tokens or not tokens[token.id].revoked_at:
            raise


def _is_open(token: IssuedToken, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


async def _show(desk: TokenDesk, tokens: Sequence[IssuedToken], message: str) -> None:
    rows = [
        {
            "id": token.id,
            "name": token.name,
            "single use": "yes" if token.single_use else "no",
            "uses": token.uses,
            "created": clock(token.created_at),
            "expires": clock(token.expires_at) or "never",
            "last used": clock(token.last_used_at),
            "revoked": clock(token.revoked_at),
        }
        for token in tokens
    ]
    key = f"tokens-{desk.connection}"
    await acreate_table_artifact(table=rows, key=key, description=f"{message} Times are UTC.")
