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
class Claim:
    """One run over a site's devices in one scope of a system, such as a LEM project.

    Without an id it claims nothing and may only be read for, as in a dry run.
    """

    site: str
    scope: str
    id: str = ""


class Claimed(ExpectedError):
    """Another run holds a device. `until`: when its lease ends unless it is renewed."""

    def __init__(self, device: str, claim: ConnectionRunRow) -> None:
        self.run_id, self.until = claim.id, claim.lease_until
        super().__init__(
            f"{device} is being worked on by the run {claim.name!r} (site {claim.site}, since "
            f"{claim.started_at:%H:%M:%S} UTC). Wait until that run ends, or cancel it."
        )


class ClaimLost(ExpectedError):
    """This run did not renew its lease in time, and another took over: it must not act any more."""


class Claims:
    """The claims of runs on devices."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_claim(
        self,
        site: str,
        scope: str,
        name: str,
        devices: Sequence[Device],
        now: datetime,
        lease: timedelta,
    ) -> Claim:
        """Claim `devices` for a new batch, all or none; raises Claimed when another run holds one.

        Without devices, the site's strangers are claimed: a run may be there to turn them away.
        """
        claim = Claim(site, scope, uuid.uuid4().hex)
        fingerprints = {
            fingerprint: device.name
            for device in devices
            for fingerprint in _fingerprints(claim, device)
        }
        fingerprints = fingerprints or {f"{scope}: strangers of {site}": "the strangers' requests"}
        row = ConnectionRunRow(
            id=claim.id, site=site, scope=scope, name=name, started_at=now, lease_until=now + lease
        )
        # In one order for everybody: two runs that each wait for the other's mark would never end.
        claims = [
            {"key": m, "device": d, "run_id": claim.id} for m, d in sorted(fingerprints.items())
        ]
        try:
            with writing(self._engine) as session:
                _take_over(session, fingerprints, now)
                session.add(row)
                session.flush()
                if claims:
                    session.execute(insert(ClaimRow), claims)
        except IntegrityError:  # two runs began at the same moment, and the other was first
            return self.open_claim(site, scope, name, devices, now, lease)
        return claim

    def renew(self, claim: Claim, now: datetime, lease: timedelta) -> None:
        """Extend the lease; raises ClaimLost when the batch's claims are gone."""
        with writing(self._engine) as session:
            check_held(session, claim)
            _set(session, claim, lease_until=now + lease)

    def close_claim(self, claim: Claim, now: datetime) -> None:
        """Release every claim of the batch; one that did nothing is forgotten.

        Every ten minutes some only look, and that is no history.
        """
        with writing(self._engine) as session:
            session.execute(delete(ClaimRow).where(col(ClaimRow.run_id) == claim.id))
            if _did_something(session, claim):
                _set(session, claim, ended_at=now, lease_until=now)
            else:
                session.execute(
                    delete(ConnectionRunRow).where(col(ConnectionRunRow.id) == claim.id)
                )


def check_held(session: Session, claim: Claim) -> None:
    """Raise ClaimLost when this batch may not act any more."""
    mine = select(ClaimRow.key).where(ClaimRow.run_id == claim.id).limit(1).with_for_update()
    if session.exec(mine).first() is None:
        raise ClaimLost(f"another run has taken over the devices of {claim.site}")


def _did_something(session: Session, claim: Claim) -> bool:
    made = (
        select(IntentRow.id).where(IntentRow.run_id == claim.id).limit(1),
        select(SecretRow.id).where(SecretRow.run_id == claim.id).limit(1),
    )
    return any(session.exec(each).first() is not None for each in made)


def _fingerprints(claim: Claim, device: Device) -> set[str]:
    """What no two running batches may both hold: the device's name and everything it shows."""
    own = f"device {claim.site}/{device.name}"
    return {f"{claim.scope}: {fingerprint}" for fingerprint in {own, *device.identity.tokens()}}


def _take_over(session: Session, fingerprints: dict[str, str], now: datetime) -> None:
    """Drop the claims of dead batches that hold one of our marks; Claimed for a live one's."""
    dead: set[str] = set()
    for fingerprint, claim in session.exec(
        select(ClaimRow.key, ConnectionRunRow).join(ConnectionRunRow)
    ):
        if fingerprint in fingerprints and claim.lease_until > now:
            raise Claimed(fingerprints[fingerprint], claim)
        if fingerprint in fingerprints:
            dead.add(claim.id)
    session.execute(delete(ClaimRow).where(col(ClaimRow.run_id).in_(dead)))


def _set(session: Session, claim: Claim, **values: datetime) -> None:
    session.execute(
        update(ConnectionRunRow).where(col(ConnectionRunRow.id) == claim.id).values(**values)
    )
