"""Enrollments: recorded before the system is asked to make them, and again when it has."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Engine, delete, insert
from sqlmodel import Session, col, select

from fleet.action.action import Adopt
from fleet.device.enrollment import FINGERPRINT_ROOM, Enrollment
from fleet.device.fingerprint import fingerprints
from fleet.system.enroll import Enroll
from fleet.text.expected import ExpectedError
from ledger.database.engine import Also, nothing_else, reading, writing
from ledger.database.tables import DeviceEnrollmentRow, EnrollmentRow
from ledger.state.claims import Claim, check_held

_FINGERPRINTS = FINGERPRINT_ROOM // timedelta(milliseconds=1)
_AT_ONCE = 5000  # so many enrollments are asked for by name


class CodeOfAnotherSite(ExpectedError):
    """The code belongs to another site, whose policy and people decide on who asks by it."""


class Enrollments:
    """The enrollments that were made, or were to be made, such as one for 38 devices of plant-7."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def intend(self, claim: Claim, action: Enroll, now: datetime) -> datetime:
        """Record that an enrollment is about to be made; the expiry to ask for: its fingerprint.

        It differs in its milliseconds from every other that this ledger has: 07:36:59.454. They say
        of which site it is. An enrollment asked for again keeps it. Raises ClaimLost when this run
        may not act any more.
        """
        with writing(self._engine) as session:
            check_held(session, claim)
            if action.again:
                for row in _unanswered(session, claim, action.expires_at):
                    row.lost_at, row.made_at = row.made_at, now
                return action.expires_at
            expiry = _unused_fingerprint(session, claim.site, action)
            _add(session, claim, action, expiry, action.capacity, now, None)
            return expiry

    def resolve(
        self,
        claim: Claim,
        wanted_expiry: datetime,
        enrollment_id: str,
        also: Also = nothing_else,
    ) -> None:
        """Record which enrollment the system made for that fingerprint; and `also` its code.

        What another run has recorded of it before stays, as when this one was suspended meanwhile:
        then only `also` is written. LookupError when the ledger has no such fingerprint.
        """
        with writing(self._engine) as session:
            rows = _fingerprinted(session, claim, wanted_expiry)
            if not rows:
                raise LookupError(
                    f"{claim.site} has no enrollment with the fingerprint {wanted_expiry}"
                )
            for row in rows:
                row.enrollment_id = row.enrollment_id or enrollment_id
            also(session)

    def unanswered(self, claim: Claim, wanted_expiry: datetime, answer: str) -> None:
        """Record the error of a call that left open whether the enrollment was made."""
        with writing(self._engine) as session:
            for row in _fingerprinted(session, claim, wanted_expiry):
                row.answer = answer

    def asked_since(self, claim: Claim, since: datetime) -> frozenset[str]:
        """The names of the site's devices for which an enrollment was asked for since then."""
        mine = (
            select(DeviceEnrollmentRow.device)
            .join(EnrollmentRow)
            .where(EnrollmentRow.site == claim.site, EnrollmentRow.scope == claim.scope)
        )
        with reading(self._engine) as session:
            return frozenset(session.exec(mine.where(EnrollmentRow.made_at >= since)))

    def forget(
        self, claim: Claim, wanted_expiry: datetime, asked_before: datetime | None = None
    ) -> None:
        """Delete an intent that the system surely did not execute.

        One that was also `asked_before` stays: what came of that is unknown.
        """
        with writing(self._engine) as session:
            _forget(session, claim, wanted_expiry, asked_before)

    def withdraw(
        self, claim: Claim, wanted_expiry: datetime, asked_before: datetime | None = None
    ) -> None:
        """Delete an intent whose call was not made, unless another run has taken over: ClaimLost.

        That one may have seen the intent, and be about to ask for the same again.
        """
        with writing(self._engine) as session:
            check_held(session, claim)
            _forget(session, claim, wanted_expiry, asked_before)

    def adopt(self, claim: Claim, action: Adopt, now: datetime) -> None:
        """Record that devices ask by an enrollment that somebody else made.

        Raises CodeOfAnotherSite for one by which devices of another site may ask.
        """
        with writing(self._engine) as session:
            found = action.enrollment
            if other := _of_others(session, claim, [found]).get(found.id):
                raise CodeOfAnotherSite(
                    f"The code ending in {found.ending} is that of site {other}. Leave *Existing "
                    f"code* empty, or onboard these devices for {other}."
                )
            _add(session, claim, action, found.expires_at, found.capacity, now, found.id)

    def sites_by_code(self, scope: str) -> dict[str, str]:
        """For which site each enrollment in `scope` was made, by the enrollment's id."""
        rows = select(EnrollmentRow.enrollment_id, EnrollmentRow.site).where(
            EnrollmentRow.scope == scope
        )
        with reading(self._engine) as session:
            return {code: site for code, site in session.exec(rows) if code}

    def of_other_sites(self, claim: Claim, shown: Sequence[Enrollment]) -> dict[str, str]:
        """The other sites of those enrollments, by the enrollment's id.

        One that was made for several is that site's which had it made, or took it first. One whose
        making was not answered yet is known by its fingerprint.
        """
        if not shown:
            return {}
        with reading(self._engine) as session:
            return _of_others(session, claim, shown)


def _of_others(session: Session, claim: Claim, shown: Sequence[Enrollment]) -> dict[str, str]:
    found = owners(session, claim.scope, [each.id for each in shown])
    unanswered = select(EnrollmentRow.wanted_expiry, EnrollmentRow.site).where(
        EnrollmentRow.scope == claim.scope, col(EnrollmentRow.enrollment_id).is_(None)
    )
    asked = dict(session.exec(unanswered).all())
    for each in shown:
        if each.id not in found and each.expires_at in asked:
            found[each.id] = asked[each.expires_at]
    return {code: site for code, site in found.items() if site != claim.site}


def owners(session: Session, scope: str, codes: Sequence[str]) -> dict[str, str]:
    """Whose each enrollment is: the site's that had it made, else that which took it first."""
    found: dict[str, str] = {}
    wanted = [code for code in codes if code]
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = (
            select(EnrollmentRow.enrollment_id, EnrollmentRow.site)
            .where(EnrollmentRow.scope == scope, col(EnrollmentRow.enrollment_id).in_(some))
            .order_by(col(EnrollmentRow.adopted), col(EnrollmentRow.id))
        )
        for code, site in session.exec(rows):
            found.setdefault(code or "", site)
    return found


def _fingerprinted(session: Session, claim: Claim, wanted_expiry: datetime) -> list[EnrollmentRow]:
    """The rows (one, as a rule) of that fingerprint."""
    mine = select(EnrollmentRow).where(
        EnrollmentRow.site == claim.site, EnrollmentRow.scope == claim.scope
    )
    return list(session.exec(mine.where(EnrollmentRow.wanted_expiry == wanted_expiry)))


def _forget(
    session: Session, claim: Claim, wanted_expiry: datetime, asked_before: datetime | None
) -> None:
    for row in _unanswered(session, claim, wanted_expiry):
        if asked_before:
            row.made_at = asked_before
            continue
        made_for = col(DeviceEnrollmentRow.enrollment_number) == row.id
        session.execute(delete(DeviceEnrollmentRow).where(made_for))
        session.delete(row)


def _unanswered(session: Session, claim: Claim, wanted_expiry: datetime) -> list[EnrollmentRow]:
    """Those of them whose outcome is unknown."""
    rows = _fingerprinted(session, claim, wanted_expiry)
    return [row for row in rows if row.enrollment_id is None]


def _unused_fingerprint(session: Session, site: str, action: Enroll) -> datetime:
    """A fingerprint that no enrollment has, within FINGERPRINT_ROOM before the wanted expiry.

    One of the site's, unless the enrollment is for a device without identity, or these are taken.
    """
    limit = action.expires_at.replace(microsecond=0)
    has_identities = all(device.identity for device in action.devices)
    wanted = fingerprints(site, limit) if has_identities else iter(())
    for fingerprint in chain(wanted, _drawn(limit)):
        same = select(EnrollmentRow.id).where(EnrollmentRow.wanted_expiry == fingerprint)
        if session.exec(same.limit(1)).first() is None:
            return fingerprint
    raise AssertionError("drawing ends only with a result")


def _drawn(limit: datetime) -> Iterator[datetime]:
    while True:
        yield limit - timedelta(milliseconds=secrets.randbelow(_FINGERPRINTS))


def _add(
    session: Session,
    claim: Claim,
    action: Enroll | Adopt,
    expiry: datetime,
    capacity: int,
    now: datetime,
    enrollment_id: str | None,
) -> None:
    row = EnrollmentRow(
        site=claim.site,
        scope=claim.scope,
        wanted_expiry=expiry,
        capacity=capacity,
        made_at=now,
        enrollment_id=enrollment_id,
        adopted=isinstance(action, Adopt),
    )
    session.add(row)
    session.flush()
    made_for = {"enrollment_number": row.id, "site": claim.site}
    rows = [made_for | {"device": device.name} for device in action.devices]
    session.execute(insert(DeviceEnrollmentRow), rows)
