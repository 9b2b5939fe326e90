"""Claims: which run may act on a device; a run that stops renewing its lease loses them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from fleet.device.device import Device
from fleet.text.expected import ExpectedError
from ledger.database.engine import writing
from ledger.database.tables import ClaimRow, ConnectionRunRow, IntentRow, SecretRow


@dataclass(frozen=True, slots=True)
class Batch:
    """One run over a site's devices in one scope of a system, such as a LEM project.

    Without an id it claims nothing and may only be read for, as in a dry run.
    """

    site: str
    scope: str
    id: str = ""


class Claimed(ExpectedError):
    """Another run holds a device. `until`: when its lease ends unless it is renewed."""

    def __init__(self, device: str, batch: ConnectionRunRow) -> None:
        self.run_id, self.until = batch.id, batch.lease_until
        super().__init__(
            f"{device} is being worked on by the run {batch.name!r} (site {batch.site}, since "
            f"{batch.started_at:%H:%M:%S} UTC). Wait until that run ends, or cancel it."
        )


class ClaimLost(ExpectedError):
    """This run did not renew its lease in time, and another took over: it must not act any more."""


class Claims:
    """The claims of runs on devices."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_batch(
        self,
        site: str,
        scope: str,
        name: str,
        devices: Sequence[Device],
        now: datetime,
        lease: timedelta,
    ) -> Batch:
        """Claim `devices` for a new batch, all or none; raises Claimed when another run holds one.

        Without devices, the site's strangers are claimed: a run may be there to turn them away.
        """
        batch = Batch(site, scope, uuid.uuid4().hex)
        marks = {mark: device.name for device in devices for mark in _marks(batch, device)}
        marks = marks or {f"{scope}: strangers of {site}": "the strangers' requests"}
        row = ConnectionRunRow(
            id=batch.id, site=site, scope=scope, name=name, started_at=now, lease_until=now + lease
        )
        # In one order for everybody: two runs that each wait for the other's mark would never end.
        claims = [{"key": m, "device": d, "run_id": batch.id} for m, d in sorted(marks.items())]
        try:
            with writing(self._engine) as session:
                _take_over(session, marks, now)
                session.add(row)
                session.flush()
                if claims:
                    session.execute(insert(ClaimRow), claims)
        except IntegrityError:  # two runs began at the same moment, and the other was first
            return self.open_batch(site, scope, name, devices, now, lease)
        return batch

    def renew(self, batch: Batch, now: datetime, lease: timedelta) -> None:
        """Extend the lease; raises ClaimLost when the batch's claims are gone."""
        with writing(self._engine) as session:
            check_held(session, batch)
            _set(session, batch, lease_until=now + lease)

    def close_batch(self, batch: Batch, now: datetime) -> None:
        """Release every claim of the batch; one that did nothing is forgotten.

        Every ten minutes some only look, and that is no history.
        """
        with writing(self._engine) as session:
            session.execute(delete(ClaimRow).where(col(ClaimRow.run_id) == batch.id))
            if _did_something(session, batch):
                _set(session, batch, ended_at=now, lease_until=now)
            else:
                session.execute(
                    delete(ConnectionRunRow).where(col(ConnectionRunRow.id) == batch.id)
                )


def check_held(session: Session, batch: Batch) -> None:
    """Raise ClaimLost when this batch may not act any more."""
    mine = select(ClaimRow.key).where(ClaimRow.run_id == batch.id).limit(1).with_for_update()
    if session.exec(mine).first() is None:
        raise ClaimLost(f"another run has taken over the devices of {batch.site}")


def _did_something(session: Session, batch: Batch) -> bool:
    made = (
        select(IntentRow.id).where(IntentRow.run_id == batch.id).limit(1),
        select(SecretRow.id).where(SecretRow.run_id == batch.id).limit(1),
    )
    return any(session.exec(each).first() is not None for each in made)


def _marks(batch: Batch, device: Device) -> set[str]:
    """What no two running batches may both hold: the device's name and everything it shows."""
    own = f"device {batch.site}/{device.name}"
    return {f"{batch.scope}: {mark}" for mark in {own, *device.identity.tokens()}}


def _take_over(session: Session, marks: dict[str, str], now: datetime) -> None:
    """Drop the claims of dead batches that hold one of our marks; Claimed for a live one's."""
    dead: set[str] = set()
    for mark, batch in session.exec(select(ClaimRow.key, ConnectionRunRow).join(ConnectionRunRow)):
        if mark in marks and batch.lease_until > now:
            raise Claimed(marks[mark], batch)
        if mark in marks:
            dead.add(batch.id)
    session.execute(delete(ClaimRow).where(col(ClaimRow.run_id).in_(dead)))


def _set(session: Session, batch: Batch, **values: datetime) -> None:
    session.execute(
        update(ConnectionRunRow).where(col(ConnectionRunRow.id) == batch.id).values(**values)
    )
