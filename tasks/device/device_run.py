"""A run over one device that came in before: for retiring it, or rotating its token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from prefect.artifacts import acreate_table_artifact
from prefect.runtime import flow_run

from fleet.admission.desired import Order
from fleet.device.device import Device
from fleet.device.request import Progress, Request
from fleet.device.secret import SecretKind
from fleet.planning.assess import assess
from fleet.planning.preflight import ImpossibleRun
from fleet.roster.roster import Line, Roster
from fleet.state.device_state import State
from fleet.state.observation import Observation
from fleet.text.place import Place
from ledger.session import open_ledger
from tasks.pipeline.observe import observed
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tasks.runtime.heads import sign_head
from tasks.runtime.site_run import open_site_run


@asynccontextmanager
async def open_device(
    site: str, device: Device, connection: str, dry_run: bool
) -> AsyncIterator[tuple[ConnectionRun, Device]]:
    """A connection run over one device, which it claims; and the device as the ledger knows it."""
    device = _completed(site, device, connection)
    roster = Roster(site, (Line(Place(1), device, connection),))
    order = Order(roster, expires_at=utc_now(), is_whole_site=False)
    async with open_site_run(flow_run.get_name() or device.name, order, dry_run) as site_run:
        (run,) = site_run.runs
        yield run, device
        if not dry_run:
            sign_head(run.ledger)  # so that no older key is handed out from a copy


def _completed(site: str, device: Device, connection: str) -> Device:
    """The device as given, with what the ledger knows of it besides."""
    with open_ledger() as ledger:
        known = ledger.devices.remembered()
    here = (it for it in known if it.site == site and it.connection in {connection, ""})
    record = next((it.device for it in here if it.device.name == device.name), device)
    return record.model_copy(update={"host_id": device.host_id or record.host_id})


async def observed_request(run: ConnectionRun) -> Request | None:
    """What the system shows of the run's device; None when it shows no such device.

    Raises ImpossibleRun when a list may hide the device.
    """
    shown, device = await observed(run), run.desired.devices[0]
    run.observed = shown
    own = [r for r in shown.requests if r.device == device.name] or _registered(run, shown)
    ids = device.identity.traits()
    found = next(iter(own or [r for r in shown.requests if r.identity.traits() & ids]), None)
    if found is None and shown.may_hide:
        raise ImpossibleRun(
            f"{run.system.scope} does not show {device.name}, and "
            f"{shown.gap(run.system.profile.system)}, so that it may be there all the same. "
            "Nothing was changed. Check its site."
        )
    return found


def _registered(run: ConnectionRun, observed: Observation) -> list[Request]:
    """The device as a request, where it is listed and its code, sealed here, was not used.

    Also when that code has expired: the device is registered all the same.
    """
    device = run.desired.devices[0]
    code = run.keyring.latest(SecretKind.ACTIVATION_CODE, device.name)
    enrollment = observed.enrollment_by_id.get(code.enrollment_id) if code else None
    if enrollment is None or enrollment.free == 0:
        return []
    return [
        Request(
            id=device.name,
            enrollment_id=enrollment.id,
            identity=device.identity,
            progress=Progress.WAITING,
            message="registered, and not activated: its code was not used",
            device=device.name,
        )
    ]


def check_identity(run: ConnectionRun) -> None:
    """Raise ImpossibleRun when, as last observed, another machine is in service as the device."""
    memory = run.ledger.memory.recall(run.claim, run.observed.requests)
    (status,) = assess(run.desired, run.observed, memory, run.limits, run.now()).statuses
    if status.state is State.IDENTITY_MISMATCH:
        raise ImpossibleRun(
            f"{status.device.name} of {run.desired.site}: {status.reason}. Nothing was changed. "
            f"{status.state.record.remedy}"
        )


def last_error(run: ConnectionRun) -> str:
    """The error of the run's last call, where that left open whether it was executed; else ""."""
    last = run.ledger.journal.of_claim(run.claim)[-1]
    return last.detail if last.outcome is None else ""


async def show_steps(
    site: str, device: str, verb: str, rows: list[dict[str, Any]], message: str
) -> None:
    """Show what was done to one device as a table in the Prefect UI."""
    key = "".join(c if c.isalnum() else "-" for c in f"{verb}-{site}-{device}".lower())
    await acreate_table_artifact(table=rows, key=key, description=message)
