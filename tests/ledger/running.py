"""Short words for runs that write in a ledger."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from fleet.action.action import Approve, Reject, Retry
from fleet.device.device import Device
from fleet.device.request import Request
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from ledger.session import Ledger
from ledger.state.claims import Claim, Claimed, Claims
from ledger.state.lease import Watch
from tests.fleet.builders import NOW, a_device, a_request, mac

T = TypeVar("T", bound=SQLModel)

LEASE = timedelta(seconds=15)
SITE, SCOPE = "plant-7", "LEM project a"
ONE = a_device("edge-1")
TWO = a_device("edge-2", macs=[mac(2)])


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def begun(
    ledger: Ledger,
    *devices: Device,
    site: str = SITE,
    scope: str = SCOPE,
    name: str = "run 1",
    now: datetime = NOW,
) -> Claim:
    """A run that has claimed `devices` (ONE, if none are named)."""
    return ledger.claims.open_claim(site, scope, name, devices or (ONE,), now, LEASE)


class Passing:
    """Seconds that pass only when a test lets them, for whoever watches the leases of runs."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def taken_over(engine: Engine, *devices: Device, **more: Any) -> Claim:
    """A run of another machine, which found that whoever had claimed `devices` was dead."""
    clock = Passing()
    ledger = Ledger(engine)
    ledger.claims = Claims(engine, Watch(clock))
    with suppress(Claimed):
        return begun(ledger, *devices, **more)
    clock.seconds += LEASE.total_seconds()
    return begun(ledger, *devices, **more)


def approve(number: int = 1, device: Device = ONE) -> Approve:
    return Approve(device, a_request(str(number)), "it shows its MAC")


def reject(number: int = 1, device: Device = ONE) -> Reject:
    return Reject(device, a_request(str(number)), "as decided")


def retry(number: int = 1, device: Device = ONE) -> Retry:
    return Retry(device, a_request(str(number)), "it failed")


def stand(
    ledger: Ledger,
    claim: Claim,
    *,
    device: Device = ONE,
    request: Request | None = None,
    state: State = State.WAITING,
    reason: str = "has not asked yet",
    now: datetime = NOW,
) -> None:
    """Save where `device` stands."""
    status = DeviceStatus(device, state, ReasonCode.UNKNOWN, reason, request)
    ledger.devices.save(claim, Assessment((status,), ()), now)


def rows(engine: Engine, table: type[T]) -> list[T]:
    with Session(engine) as session:
        return list(session.exec(select(table)))
