"""Claims: which connection run may act on a device; each is a lease that its run must renew."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, exists, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from fleet.device.device import Device
from fleet.text.expected import ExpectedError
from ledger.database.engine import changed, reading, writing
from ledger.database.tables import ClaimRow, ConnectionRunRow, IntentRow, SecretRow
from ledger.state.lease import Watch

UNKNOWN = "unknown devices"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a connection run holds: a site's devices in one scope, such as plant-7 in a LEM project.

    `id` is the connection run's. Without one nothing is claimed, and the ledger may only be read
    for that site and scope, as in a dry run.
    """

    site: str
    scope: str
    id: str = ""


class Claimed(ExpectedError):
    """Another run has claimed a device; it counts as dead after `left` unless it renews."""

    def __init__(self, device: str, run: ConnectionRunRow, left: float) -> None:
        self.device, self.site = device, run.site
        self.run_id, self.renewals = run.id, run.renewals
        self.left = timedelta(seconds=left)
        super().__init__(
            f"The run {run.name!r} (site {run.site}, since {run.started_at:%H:%M:%S} UTC) is "
            f"working on {device}. Wait until that run ends, or cancel it."
        )


class ClaimLost(ExpectedError):
    """This run did not renew its lease in time and another took over. It must not act any more."""


class Claims:
    """The claims of runs on devices; `watch` sees which runs have died, while this is open."""

    def __init__(self, engine: Engine, watch: Watch | None = None) -> None:
        self._engine, self.watch = engine, watch or Watch()

    def open_claim(
        self,
        site: str,
        scope: str,
        name: str,
        devices: Sequence[Device],
        now: datetime,
        lease: timedelta,
    ) -> Claim:
        """Claim `devices` for a new run, all or none. Raises Claimed when another run has one.

        A run that has died is taken over, but only once it was watched for as long as its lease: at
        first sight, every run is alive. Without devices, the site's unknown devices are claimed: a
        run may reject their requests.
        """
        claim = Claim(site, scope, uuid.uuid4().hex)
        names = {key: device.name for device in devices for key in _keys(claim, device)}
        names = names or {f"{scope}: {UNKNOWN} of {site}": UNKNOWN}
        row = ConnectionRunRow(
            id=claim.id,
            site=site,
            scope=scope,
            name=name,
            started_at=now,
            lease_until=now + lease,
            lease_seconds=lease.total_seconds(),
        )
        # In one order for everybody: two runs that each wait for the other's key would never end.
        claims = [{"key": k, "device": d, "run_id": claim.id} for k, d in sorted(names.items())]
        try:
            with writing(self._engine) as session:
                _take_over(session, names, self.watch)
                session.add(row)
                session.flush()
                session.execute(insert(ClaimRow), claims)
        except IntegrityError:  # two runs began at the same moment, and the other was first
            return self.open_claim(site, scope, name, devices, now, lease)
        return claim

    def others(self, claim: Claim, devices: Sequence[Device]) -> dict[str, str]:
        """Which of the devices other runs have claimed: the run's name, by the device's."""
        wanted = {key: device.name for device in devices for key in _keys(claim, device)}
        each = select(ClaimRow.key, ConnectionRunRow.name).join(ConnectionRunRow)
        with reading(self._engine) as session:
            theirs = session.exec(each.where(ClaimRow.run_id != claim.id)).all()
        return {wanted[key]: run for key, run in theirs if key in wanted}

    def renew(self, claim: Claim, now: datetime, lease: timedelta) -> None:
        """Extend the lease. Raises ClaimLost when another run has taken over."""
        with writing(self._engine) as session:
            check_held(session, claim)
            one_more = ConnectionRunRow.renewals + 1
            _set(session, claim, lease_until=now + lease, renewals=one_more)

    def close_claim(self, claim: Claim, now: datetime) -> None:
        """End the run and release all that it claimed.

        A run that changed nothing is deleted: one every ten minutes would fill the ledger.
        """
        with writing(self._engine) as session:
            session.execute(delete(ClaimRow).where(col(ClaimRow.run_id) == claim.id))
            if _did_something(session, claim):
                _set(session, claim, ended_at=now, lease_until=now)
            else:
                session.execute(
                    delete(ConnectionRunRow).where(col(ConnectionRunRow.id) == claim.id)
                )

    def prune(self, before: datetime) -> int:
        """Delete runs that ended before that instant and of which nothing is left; how many."""
        left = (IntentRow.run_id, SecretRow.run_id, ClaimRow.run_id)
        unused = (~exists().where(col(each) == col(ConnectionRunRow.id)) for each in left)
        old = delete(ConnectionRunRow).where(col(ConnectionRunRow.lease_until) < before, *unused)
        with writing(self._engine) as session:
            return changed(session, old)


def check_held(session: Session, claim: Claim) -> None:
    """Raise ClaimLost when this run may not act any more."""
    mine = select(ClaimRow.key).where(ClaimRow.run_id == claim.id).limit(1).with_for_update()
    if session.exec(mine).first() is None:
        raise ClaimLost(f"another run has taken over the devices of {claim.site}")


def _did_something(session: Session, claim: Claim) -> bool:
    made = (
        select(IntentRow.id).where(IntentRow.run_id == claim.id).limit(1),
        select(SecretRow.id).where(SecretRow.run_id == claim.id).limit(1),
    )
    return any(session.exec(each).first() is not None for each in made)


def _keys(claim: Claim, device: Device) -> set[str]:
    """What no two runs may both claim: a device's name, its host id and each of its MACs.

    Such as "LEM project a: device plant-7/edge-042" and "LEM project a: host id 43e210471948".
    """
    name = f"device {claim.site}/{device.name}"
    return {f"{claim.scope}: {trait}" for trait in {name, *device.identity.traits()}}


def _take_over(session: Session, names: dict[str, str], watch: Watch) -> None:
    """Delete the claims of dead runs on one of these keys; Claimed when its run may be alive.

    All runs are watched from the first time on, so that a night waits once for all its sites.
    """
    claims = session.exec(select(ClaimRow.key, ConnectionRunRow).join(ConnectionRunRow)).all()
    left = {run.id: watch.left(run) for _, run in claims}
    wanted = {run.id: (names[key], run) for key, run in claims if key in names}
    for device, run in wanted.values():
        if left[run.id]:
            raise Claimed(device, run, left[run.id])
    dead = wanted.keys()
    session.execute(delete(ClaimRow).where(col(ClaimRow.run_id).in_(dead)))


def _set(session: Session, claim: Claim, **values: Any) -> None:
    session.execute(
        update(ConnectionRunRow).where(col(ConnectionRunRow.id) == claim.id).values(**values)
    )
