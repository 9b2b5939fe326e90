"""Rotate: a device in service gets a new key, which is sealed as soon as it is received."""

import asyncio
from typing import Any

from prefect import task
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from fleet.action.action import Rotate
from fleet.device.device import Device
from fleet.device.request import Progress, Request
from fleet.device.secret import Secret
from fleet.planning.preflight import ImpossibleRun
from fleet.system.system import Rotating
from systems.shared.errors import ApiError
from tasks.device.device_run import (
    check_identity,
    last_error,
    observed_request,
    open_device,
    show_steps,
)
from tasks.pipeline.attempt import try_each
from tasks.pipeline.group import Group
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.retries import CHANGES

TRIES = 3  # a key that was lost with its answer is replaced by the next one


async def replace_key(site: str, device: Device, connection: str, dry_run: bool) -> RunState[Any]:
    """Replace the key of a device that is in service, and seal the new one in the ledger."""
    async with open_device(site, device, connection, dry_run) as (run, device):
        if not isinstance(run.system, Rotating):
            return Failed(
                message=f"{run.system.profile.system} documents no call to replace a device's key. "
                f"{run.system.profile.lost_key_remedy}".rstrip()
            )
        found = _existing(run, await observed_request(run))
        check_identity(run)
        who = f"{device.name} of {site}"
        if dry_run:
            message = (
                f"Dry run, nothing was changed: {who} is in service, and would get a new token."
            )
            return Completed(name="Dry run", message=message)
        tries = await _rotated(run, run.system, device, found)
        message = (
            f"{who} has a new token, which is sealed in the ledger: hand it over. The old one "
            "stops working within a minute."
        )
        await show_steps(
            site, device.name, "rotating", [{"tries": tries, "result": message}], message
        )
        return Completed(message=message)


def _existing(run: ConnectionRun, found: Request | None) -> Request:
    """The device as its system shows it; ImpossibleRun when it is not in service there."""
    name, place = run.desired.devices[0].name, run.system.scope
    if found is None:
        raise ImpossibleRun(
            f"{place} lists no {name}, so a new token would belong to no device. Check the name "
            "and the connection."
        )
    why = found.message or found.progress.value
    if found.progress is Progress.WAITING:
        raise ImpossibleRun(
            f"{name} was not activated in {place} yet: {why}. Run provision-device for it, which "
            "gets it its first token."
        )
    if found.progress is not Progress.PROVISIONED:
        raise ImpossibleRun(
            f"{name} is not in service in {place}: {why}. A new token would not help."
        )
    return found


async def _rotated(run: ConnectionRun, system: Rotating, device: Device, found: Request) -> int:
    """How many tries it took. Repeating is safe: of several keys only the last one works."""
    action = Rotate(device, found, "rotated by this run")
    for tries in range(1, TRIES + 1):
        try:
            group = Group([action], [device.name], run.now())
            if await result_of(rotate(run, system, group)):
                return tries
        except ApiError as error:
            if not (error.may_pass or error.outcome_unknown) or tries == TRIES:
                raise
        await asyncio.sleep(run.settings.observe_gap_min.total_seconds() * tries)
    raise ImpossibleRun(
        f"{last_error(run)}. So the token of {device.name} may have been replaced. Run this again: "
        "the device may have no working token until then."
    )


@task(task_run_name="rotate token of {group}", **CHANGES)
@failing_plainly
async def rotate(run: ConnectionRun, system: Rotating, group: Group[Rotate]) -> bool:
    """Replace the key and seal the new one at once; whether a new one was received."""
    received = False

    async def attempt(action: Rotate) -> tuple[Secret, ...]:
        nonlocal received
        secret = await system.rotate(run.desired.site, action.device)
        received = True
        return (secret,)

    await try_each(run, group, attempt)
    return received
