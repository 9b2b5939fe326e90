"""Recall: what the ledger remembers of a site, as planning and reports need it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from fleet.action.action import Approve, Reject, Retry
from fleet.admission.evidence import Evidence
from fleet.admission.review import decisions as decisions_of
from fleet.device.request import Progress, Request
from fleet.device.times import Times
from fleet.state.action_kind import ActionKind
from fleet.state.admitted import Admitted
from fleet.state.memory import DECIDING, EnrollmentRecord, Memory, Remembered
from ledger.admission.recorded import votes
from ledger.database.engine import one_moment, reading
from ledger.database.tables import (
    ConnectionRunRow,
    DeviceEnrollmentRow,
    DeviceRow,
    EnrollmentRow,
    HoldRow,
    IntentRow,
    ReviewItemRow,
    ReviewRow,
)
from ledger.keys.places import DEVICES, REVIEWS, check_one, reviews_in
from ledger.keys.record_keys import RecordKeys
from ledger.keys.rollback import check_not_behind
from ledger.memory.elsewhere import elsewhere
from ledger.state.admitted import ADMITTED, admitted_of
from ledger.state.claims import Claim
from ledger.state.journal import Outcome
from ledger.state.ordered import traits_of

_LASTING = (Outcome.DONE, Outcome.KEY_LOST)  # outcomes that count for every later run
_AT_ONCE = 500  # so many keys are asked for by name


class _Intent(NamedTuple):
    """The columns of an intent that planning needs."""

    run_id: str
    action: str
    subject: str
    outcome: str | None
    detail: str
    intended_at: datetime


class _InService(NamedTuple):
    """As what a device was confirmed, and as whom it was admitted."""

    confirmed_as: str | None = None
    admitted: Admitted | None = None


class Recall:
    """What is remembered of a site."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def recall(self, claim: Claim, seen: Iterable[Request] = ()) -> Memory:
        """All that planning must know of the past of the claim's site and scope.

        Of other sites, only what concerns the requests in `seen`. Raises DoesNotHold.
        """
        seen, keys = list(seen), RecordKeys.load()
        with reading(one_moment(self._engine)) as session:
            check_not_behind(session, keys)
            enrollments = _enrollments(session, claim)
            intents = _intents(session, claim)
            devices = _devices(session, keys, claim)
            there = [row for row in devices if row.confirmed_as or row.admitted_key]
            in_service = {row.name: _in_service(row) for row in there}
            known = frozenset(trait for row in devices for trait in traits_of(row))
            enrollment_ids = _enrollment_ids(session, claim)
            other = elsewhere(session, keys, claim, seen, known | enrollment_ids)
            names = enrollments.keys() | intents.keys() | in_service.keys()
            return Memory(
                devices={
                    name: _remembered(
                        claim,
                        enrollments.get(name, ()),
                        intents.get(name, ()),
                        in_service.get(name, _InService()),
                    )
                    for name in names
                },
                held=_held(session, claim),
                enrollment_ids=enrollment_ids,
                known=known,
                elsewhere=other.whose,
                on_rosters=other.on_rosters,
                by_people=other.by_people,
                decisions=decisions_of(votes(session, keys, claim.site, claim.scope)),
                reviewed=_reviewed(session, keys, claim, seen),
            )

    def times(self, claim: Claim) -> dict[str, Times]:
        """When each device of the claim's site reached each stage, by its name."""
        with reading(self._engine) as session:
            enrollments = _enrollments(session, claim)
            approved = _approved(session, claim)
            mine = select(DeviceRow).where(col(DeviceRow.site) == claim.site)
            rows = session.scalars(mine.where(col(DeviceRow.scope) == claim.scope))
            return {
                row.name: Times(
                    enrolled=_enrolled(row, enrollments.get(row.name, ())),
                    asked=row.asked_at,
                    approved=approved.get(row.name),
                    provisioned=row.provisioned_at,
                    confirmed=row.confirmed_at,
                )
                for row in rows
            }


def _enrolled(row: DeviceRow, enrollments: Iterable[EnrollmentRecord]) -> datetime | None:
    """When the device was last enrolled. Without identity, only a code for it alone counts."""
    is_known = row.host_id or row.macs
    return max((g.made_at for g in enrollments if is_known or g.capacity == 1), default=None)


def _remembered(
    claim: Claim,
    enrollments: Iterable[EnrollmentRecord],
    intents: Iterable[_Intent],
    in_service: _InService,
) -> Remembered:
    intents = list(intents)
    of_this_run = [i for i in intents if i.run_id == claim.id]
    retries = [
        i for i in of_this_run if i.action == Retry.kind and i.outcome in {None, Outcome.DONE}
    ]
    refused = {
        (ActionKind(i.action), i.subject): i.detail
        for i in of_this_run
        if i.outcome == Outcome.REFUSED
    }
    ended = {Outcome.DONE, Outcome.KEY_LOST}
    exchanged = {i.subject: i for i in intents if i.action == Approve.kind and i.outcome in ended}
    lost = [i for i in exchanged.values() if i.outcome == Outcome.KEY_LOST]
    deciding = {Approve.kind, Reject.kind}
    pending = {i.subject: i.detail for i in intents if i.action in deciding and i.outcome is None}
    return Remembered(
        enrollments=tuple(enrollments),
        approved=_done(intents, Approve.kind),
        rejected=_done(intents, Reject.kind),
        pending=frozenset(pending),
        answers=MappingProxyType({key: answer for key, answer in pending.items() if answer}),
        refused=MappingProxyType(refused),
        lost=MappingProxyType({i.subject: i.detail for i in lost}),
        lost_before=frozenset(i.subject for i in lost if i.run_id != claim.id),
        retries=len(retries),
        retried_at=max((i.intended_at for i in retries), default=None),
        confirmed_as=in_service.confirmed_as,
        admitted=in_service.admitted,
    )


def _done(intents: Iterable[_Intent], kind: ActionKind) -> frozenset[str]:
    return frozenset(i.subject for i in intents if i.action == kind and i.outcome == Outcome.DONE)


def _enrollments(session: Session, claim: Claim) -> dict[str, list[EnrollmentRecord]]:
    facts = (
        EnrollmentRow.wanted_expiry,
        EnrollmentRow.made_at,
        EnrollmentRow.capacity,
        EnrollmentRow.enrollment_id,
        EnrollmentRow.adopted,
        EnrollmentRow.answer,
        EnrollmentRow.lost_at,
    )
    rows = session.execute(
        select(col(DeviceEnrollmentRow.device), *map(col, facts))
        .join(EnrollmentRow)
        .where(col(EnrollmentRow.site) == claim.site, col(EnrollmentRow.scope) == claim.scope)
        .order_by(col(EnrollmentRow.id))
    )
    enrollments: dict[str, list[EnrollmentRecord]] = defaultdict(list)
    for device, *record in rows:
        enrollments[device].append(EnrollmentRecord(*record))
    return enrollments


def _enrollment_ids(session: Session, claim: Claim) -> frozenset[str]:
    ids = select(col(EnrollmentRow.enrollment_id)).where(col(EnrollmentRow.site) == claim.site)
    return frozenset(
        filter(None, session.scalars(ids.where(col(EnrollmentRow.scope) == claim.scope)))
    )


def _intents(session: Session, claim: Claim) -> dict[str, list[_Intent]]:
    """What counts of all that was tried, however much that was: oldest first, by device.

    This run's own intents, all without an outcome, and of what was decided once and for all the
    last of each. What earlier runs retried, or were refused, is never read.
    """
    mine = col(IntentRow.site) == claim.site, col(ConnectionRunRow.scope) == claim.scope
    same = (IntentRow.device, IntentRow.action, IntentRow.subject, IntentRow.outcome)
    decided = (
        select(func.max(col(IntentRow.id)))
        .join(ConnectionRunRow)
        .where(*mine, col(IntentRow.outcome).in_(_LASTING), col(IntentRow.action).in_(DECIDING))
        .group_by(*map(col, same))
    )
    intents: dict[int, tuple[str, _Intent]] = {}
    for counts in (
        col(IntentRow.id).in_(decided),
        col(IntentRow.outcome).is_(None),
        col(IntentRow.run_id) == claim.id,
    ):
        facts = (getattr(IntentRow, name) for name in _Intent._fields)
        read = select(col(IntentRow.id), col(IntentRow.device), *facts).join(ConnectionRunRow)
        for id_, device, *intent in session.execute(read.where(*mine, counts)):
            intents[id_] = device, _Intent(*intent)
    by_device: dict[str, list[_Intent]] = defaultdict(list)
    for id_ in sorted(intents):
        device, one = intents[id_]
        by_device[device].append(one)
    return by_device


def _approved(session: Session, claim: Claim) -> dict[str, datetime]:
    """When each device was last approved."""
    rows = session.execute(
        select(col(IntentRow.device), func.max(col(IntentRow.resolved_at)))
        .join(ConnectionRunRow)
        .where(col(IntentRow.site) == claim.site, col(ConnectionRunRow.scope) == claim.scope)
        .where(col(IntentRow.action) == Approve.kind, col(IntentRow.outcome) == Outcome.DONE)
        .group_by(col(IntentRow.device))
    )
    return {row[0]: row[1] for row in rows}


def _devices(session: Session, keys: RecordKeys, claim: Claim) -> list[DeviceRow]:
    """What the ledger has of the site's devices."""
    mine = select(DeviceRow).where(
        col(DeviceRow.site) == claim.site, col(DeviceRow.scope) == claim.scope
    )
    rows = [*keys.checked(DeviceRow, session.scalars(mine))]
    check_one(session, keys, DEVICES, (claim.site, claim.scope), (str(row.mac) for row in rows))
    return rows


def _in_service(row: DeviceRow) -> _InService:
    """As what a device was confirmed, and as whom admitted."""
    return _InService(row.confirmed_as, admitted_of(*(getattr(row, name) for name in ADMITTED)))


def _held(session: Session, claim: Claim) -> frozenset[tuple[str, str]]:
    held = select(col(HoldRow.request_key), col(HoldRow.code))
    mine = held.where(col(HoldRow.site) == claim.site, col(HoldRow.scope) == claim.scope)
    return frozenset((key, code) for key, code in session.execute(mine))


def _reviewed(
    session: Session, keys: RecordKeys, claim: Claim, seen: Iterable[Request]
) -> dict[str, frozenset[str]]:
    """Hashes of what each pending request said of itself when people saw it, by its key."""
    pending = [request.key for request in seen if request.progress is Progress.WAITING]
    if not pending:
        return {}
    items = (
        select(ReviewItemRow)
        .join(ReviewRow)
        .where(col(ReviewRow.site) == claim.site, col(ReviewRow.scope) == claim.scope)
    )
    place = (claim.site, claim.scope)
    check_one(session, keys, REVIEWS, place, reviews_in(session, place)[place])
    if len(pending) <= _AT_ONCE:
        items = items.where(col(ReviewItemRow.request_key).in_(pending))
    found: dict[str, set[str]] = defaultdict(set)
    for row in keys.checked(ReviewItemRow, session.scalars(items)):
        found[row.request_key].add(Evidence.from_facts(json.loads(row.evidence)).said)
    return {key: frozenset(said) for key, said in found.items()}
