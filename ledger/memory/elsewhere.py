"""Elsewhere: which other site a code or a device belongs to, and whom people must approve."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from fleet.device.request import Progress, Request
from fleet.state.device_state import State
from fleet.state.memory import Named
from ledger.database.tables import DeviceEnrollmentRow, DeviceRow, EnrollmentRow
from ledger.keys.record_keys import RecordKeys
from ledger.state.claims import Claim
from ledger.state.enrollments import owners
from ledger.state.ordered import ordered_as, traits_of

_AT_ONCE = 5000  # so many codes or devices are asked for by name

T = TypeVar("T")


class Elsewhere(NamedTuple):
    """What the ledger knows of those who ask at a site, beyond that site.

    `whose` are other sites by their codes, and their devices by what these show, such as
    {"226c07b4…": "site plant-8", "MAC 02:df:39:32:24:99": "edge-7 of site plant-8"}; the latter are
    `on_rosters` while a roster names them, with since when they are enrolled (None: never were).
    `by_people` names the devices that people must approve.
    """

    whose: dict[str, str]
    on_rosters: dict[str, datetime | None]
    by_people: dict[str, frozenset[Named]]


class _Known(NamedTuple):
    """The columns of a device by which it is found."""

    site: str
    name: str
    host_id: str | None
    macs: str
    ordered_as: str | None
    admitted_host_id: str | None
    admitted_macs: str | None


def elsewhere(
    session: Session,
    keys: RecordKeys,
    claim: Claim,
    seen: Iterable[Request],
    known: frozenset[str],
) -> Elsewhere:
    """Of the requests in `seen`, what concerns this site; raises DoesNotHold.

    `known` are this site's codes and traits; a request that shows none of them is passed over.
    """
    ours = [r for r in seen if r.enrollment_id in known or r.identity.traits() & known]
    waiting = [r for r in ours if r.progress is Progress.WAITING]
    others = {r.enrollment_id for r in ours} - known  # of what is admitted by our codes, no more
    asking = {r.enrollment_id for r in waiting}
    shown = {trait for r in waiting for trait in r.identity.traits()}
    alone = _made_alone(session, claim, sorted(asking))
    rows = _shown(session, keys, claim, shown, {it for those in alone.values() for it in those})
    theirs = [row for row in rows if row.site != claim.site and traits_of(row) & shown]
    return Elsewhere(
        _sites(session, claim, sorted(asking | others)) | _by_trait(theirs),
        _on_rosters(session, claim, theirs),
        _by_people(rows, alone),
    )


def _sites(session: Session, claim: Claim, codes: Sequence[str]) -> dict[str, str]:
    found = owners(session, claim.scope, codes)
    return {code: f"site {site}" for code, site in found.items() if site != claim.site}


def _made_alone(session: Session, claim: Claim, codes: Sequence[str]) -> dict[str, set[Named]]:
    """Those devices for which alone a code was made, by the code."""
    found: dict[str, set[Named]] = defaultdict(set)
    for some in _parts(codes):
        rows = (
            select(
                col(EnrollmentRow.enrollment_id),
                col(EnrollmentRow.site),
                col(DeviceEnrollmentRow.device),
            )
            .join(DeviceEnrollmentRow)
            .where(col(EnrollmentRow.scope) == claim.scope, col(EnrollmentRow.capacity) == 1)
            .where(col(EnrollmentRow.enrollment_id).in_(some))
        )
        for code, site, device in session.execute(rows):
            found[code].add((site, device))
    return found


def _shown(
    session: Session, keys: RecordKeys, claim: Claim, shown: set[str], named: set[Named]
) -> list[DeviceRow]:
    """Devices of other sites, and those that people must approve, of which something is `shown`."""
    if not shown and not named:
        return []
    facts = [getattr(DeviceRow, name) for name in _Known._fields]
    may_be = or_(col(DeviceRow.site) != claim.site, col(DeviceRow.is_by_people))
    here = col(DeviceRow.scope) == claim.scope
    found = [
        (row.site, row.name)
        for row in (_Known(*each) for each in session.execute(select(*facts).where(here, may_be)))
        if (row.site, row.name) in named or (traits_of(row) | ordered_as(row)) & shown
    ]
    rows: list[DeviceRow] = []
    for some in _parts(found):
        names = {name for _, name in some}
        each = select(DeviceRow).where(here, may_be, col(DeviceRow.name).in_(names))
        rows += [row for row in session.scalars(each) if (row.site, row.name) in some]
    return [*keys.checked(DeviceRow, rows)]


def _by_trait(rows: Iterable[DeviceRow]) -> dict[str, str]:
    """Whose each trait is; of several sites', all are named."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: (each.site, each.name)):
        for trait in traits_of(row):
            found[trait].append(f"{row.name} of site {row.site}")
    return {trait: " and ".join(devices) for trait, devices in found.items()}


def _on_rosters(
    session: Session, claim: Claim, rows: Iterable[DeviceRow]
) -> dict[str, datetime | None]:
    """The traits of those devices that a roster names, and since when these are enrolled."""
    listed = [row for row in rows if row.is_listed and row.state != State.RETIRED.value]
    since: dict[Named, datetime] = {}
    for some in _parts(listed):
        enrolled = (
            select(
                col(DeviceEnrollmentRow.site),
                col(DeviceEnrollmentRow.device),
                func.min(col(EnrollmentRow.made_at)),
            )
            .join(EnrollmentRow)
            .where(col(EnrollmentRow.scope) == claim.scope)
            .where(col(DeviceEnrollmentRow.device).in_({row.name for row in some}))
            .group_by(col(DeviceEnrollmentRow.site), col(DeviceEnrollmentRow.device))
        )
        since |= {(site, name): at for site, name, at in session.execute(enrolled)}
    found: dict[str, datetime | None] = {}
    for row in listed:
        at = since.get((row.site, row.name))
        for trait in traits_of(row):
            before = found.get(trait, at)
            found[trait] = min(at, before) if at and before else None
    return found


def _by_people(
    rows: Iterable[DeviceRow], alone: dict[str, set[Named]]
) -> dict[str, frozenset[Named]]:
    found: dict[str, set[Named]] = defaultdict(set)
    by_people = {(row.site, row.name): row for row in rows if row.is_by_people}
    for device, row in by_people.items():
        for trait in traits_of(row) | ordered_as(row):
            found[trait].add(device)
    for code, devices in alone.items():
        found[code] |= devices & by_people.keys()
    return {key: frozenset(devices) for key, devices in found.items() if devices}


def _parts(all_: Sequence[T]) -> Iterator[Sequence[T]]:
    return (all_[start : start + _AT_ONCE] for start in range(0, len(all_), _AT_ONCE))
