"""Elsewhere: which other site a code or a device belongs to."""

from collections.abc import Iterable

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from fleet.device.identity import Identity
from fleet.device.request import Request
from ledger.database.tables import DeviceRow, EnrollmentRow
from ledger.keys.record_keys import RecordKeys
from ledger.state.claims import Claim

_AT_ONCE = 100  # so many requests are looked up; nobody would read about more


def elsewhere(
    session: Session,
    keys: RecordKeys,
    claim: Claim,
    seen: Iterable[Request],
    known: frozenset[str],
) -> dict[str, str]:
    """Other sites by the codes, and their devices by the traits, that requests in `seen` show.

    Such as {"226c07b4…": "site plant-8", "MAC 02:df:39:32:24:99": "edge-7 of site plant-8"}.
    `known` are this site's codes and traits; a request that shows none of them is passed over.
    """
    requests = list(seen)
    ours = [r for r in requests if r.identity.traits() & known]
    codes = sorted({r.enrollment_id for r in ours} - known)
    by_code = [r for r in requests if r.enrollment_id in known]
    foreign = [r for r in by_code if not r.identity.traits() & known][:_AT_ONCE]
    return {**_sites(session, claim, codes[:_AT_ONCE]), **_devices(session, keys, claim, foreign)}


def _sites(session: Session, claim: Claim, codes: list[str]) -> dict[str, str]:
    if not codes:
        return {}
    others = select(col(EnrollmentRow.enrollment_id), col(EnrollmentRow.site)).where(
        col(EnrollmentRow.scope) == claim.scope,
        col(EnrollmentRow.site) != claim.site,
        col(EnrollmentRow.enrollment_id).in_(codes),
    )
    return {code: f"site {site}" for code, site in session.execute(others) if code}


def _devices(
    session: Session, keys: RecordKeys, claim: Claim, requests: list[Request]
) -> dict[str, str]:
    hosts = {r.identity.host_id for r in requests if r.identity.host_id}
    macs = sorted({mac for r in requests for mac in r.identity.macs})[: 3 * _AT_ONCE]
    if not hosts and not macs:
        return {}
    shown = or_(
        func.lower(col(DeviceRow.host_id)).in_(hosts),  # stored in the case it is printed in
        *(col(DeviceRow.macs).contains(mac) for mac in macs),
    )
    rows = session.scalars(
        select(DeviceRow)
        .where(col(DeviceRow.scope) == claim.scope, col(DeviceRow.site) != claim.site)
        .where(shown)
    )
    return {
        trait: f"{row.name} of site {row.site}"
        for row in keys.checked(DeviceRow, rows)
        for trait in Identity(
            row.host_id.lower() if row.host_id else None, frozenset(row.macs.split())
        ).traits()
    }
