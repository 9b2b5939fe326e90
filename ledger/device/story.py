"""The story of one device: all that the ledger has of it, in every scope, oldest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, func, or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from fleet.admission.evidence import Evidence
from fleet.device.handover import Taking
from fleet.nightly.catalog import FindingKind
from fleet.nightly.story import (
    AtWork,
    Decided,
    Enrolled,
    Event,
    Found,
    Held,
    Home,
    Reached,
    Received,
    Reviewed,
    Story,
    Tried,
)
from fleet.state.action_kind import ActionKind
from ledger.admission.how import How
from ledger.admission.recorded import proved_at
from ledger.database.engine import reading
from ledger.database.tables import (
    ClaimRow,
    ConnectionRunRow,
    DecisionRow,
    DeviceEnrollmentRow,
    DeviceRow,
    EnrollmentRow,
    FindingRow,
    HandoverRow,
    HoldRow,
    IntentRow,
    ReviewItemRow,
    ReviewRow,
    SecretHandoverRow,
    SecretRow,
)
from ledger.state.devices import record

UNREADABLE = "its evidence cannot be read; verify-decisions says more"


class Stories:
    """The stories of single devices, such as edge-042 of plant-7."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_device(self, site: str, device: str, now: datetime) -> Story:
        """Everything that the ledger has of one device. No secret is read, and no key needed."""
        with reading(self._engine) as session:
            pages = _Pages(session, site, device)
            events = sorted(pages.events(), key=lambda each: each.at)
            return Story(site, device, tuple(pages.homes), tuple(events), tuple(pages.at_work(now)))


@dataclass
class _Pages:
    """What the ledger has of one device. `keys` are its requests: (scope, request key)."""

    session: Session
    site: str
    device: str
    homes: list[Home] = field(default_factory=list)
    keys: set[tuple[str, str]] = field(default_factory=set)

    def events(self) -> Iterator[Event]:
        """Every event, in no order. The first three find out which requests are its own."""
        yield from self._stages()
        yield from self._actions()
        yield from self._holds()
        yield from self._decisions()
        yield from self._reviews()
        yield from self._findings()
        yield from self._enrollments()
        yield from self._secrets()

    def at_work(self, now: datetime) -> Iterator[AtWork]:
        """The runs that have claimed it and whose lease has not ended."""
        rows = self.session.exec(
            select(ConnectionRunRow.name, ConnectionRunRow.lease_until)
            .join(ClaimRow)
            .where(ConnectionRunRow.site == self.site, ClaimRow.device == self.device)
            .where(ConnectionRunRow.lease_until > now)
            .distinct()
        )
        for name, until in rows:
            yield AtWork(name, until)

    def _stages(self) -> Iterator[Reached]:
        mine = select(DeviceRow).where(DeviceRow.site == self.site, DeviceRow.name == self.device)
        for row in self.session.exec(mine.order_by(col(DeviceRow.scope))):
            self.homes.append(Home(record(row), row.reason))
            if row.request_key:
                self.keys.add((row.scope, row.request_key))
            stages = {
                "it asked to be admitted": row.asked_at,
                "its system had provisioned it": row.provisioned_at,
                "it was first seen in service": row.confirmed_at,
            }
            for stage, at in stages.items():
                if at:
                    yield Reached(at, row.scope, stage)

    def _actions(self) -> Iterator[Tried]:
        rows = self.session.exec(
            select(IntentRow, ConnectionRunRow.scope, ConnectionRunRow.name)
            .join(ConnectionRunRow)
            .where(IntentRow.site == self.site, IntentRow.device == self.device)
            .order_by(col(IntentRow.id))
        )
        for row, scope, run in rows:
            self.keys.add((scope, row.subject))
            yield Tried(
                at=row.intended_at,
                place=scope,
                run=run,
                action=ActionKind(row.action),
                reason=row.reason,
                outcome=row.outcome,
                detail=row.detail,
            )

    def _holds(self) -> Iterator[Held]:
        is_namesake = func.lower(col(HoldRow.hostname)) == self.device.lower()
        rows = self.session.exec(
            select(HoldRow)
            .where(HoldRow.site == self.site)
            .where(or_(self._concerns(HoldRow), is_namesake))
        )
        for row in rows:
            is_own = self._is_its_own(row)
            if is_own:
                self.keys.add((row.scope, row.request_key))
            elif row.device is not None or row.hostname.lower() != self.device.lower():
                continue
            yield Held(
                at=row.held_at,
                place=row.scope,
                request=_number(row.request_key),
                reason=row.reason,
                hostname=row.hostname,
                identity=row.identity,
                is_own=is_own,
            )

    def _decisions(self) -> Iterator[Decided]:
        rows = self.session.exec(
            select(DecisionRow)
            .where(DecisionRow.site == self.site)
            .where(self._concerns(DecisionRow))
            .order_by(col(DecisionRow.id))
        )
        for row in filter(self._is_its_own, rows):
            yield Decided(
                at=row.decided_at,
                place=row.scope,
                number=row.id or 0,
                request=_number(row.request_key),
                decision=row.decision,
                by=row.decided_by,
                how=row.how,
                reason=row.reason,
                quorum=row.quorum,
                differs=() if row.how == How.ORDER else _differences(row.evidence),
                proved_at=proved_at(row.proof),
            )

    def _reviews(self) -> Iterator[Reviewed]:
        rows = self.session.exec(
            select(ReviewItemRow, ReviewRow)
            .join(ReviewRow)
            .where(ReviewRow.site == self.site)
            .where(col(ReviewItemRow.request_key).in_({key for _, key in self.keys}))
            .order_by(col(ReviewRow.asked_at), col(ReviewItemRow.number))
        )
        for item, review in rows:
            if (review.scope, item.request_key) in self.keys:
                yield Reviewed(
                    at=review.asked_at,
                    place=review.scope,
                    request=_number(item.request_key),
                    reason=item.reason,
                    deadline=review.deadline,
                    names_needed=review.quorum,
                    closed_at=review.closed_at,
                    closed_as=review.closed_as,
                )

    def _findings(self) -> Iterator[Found]:
        is_its = or_(col(FindingRow.device) == self.device, col(FindingRow.subject) == self.device)
        scopes = {home.record.connection: home.record.scope for home in self.homes}
        for row in self.session.exec(
            select(FindingRow).where(FindingRow.site == self.site).where(is_its)
        ):
            yield Found(
                at=row.first_seen,
                place=scopes.get(row.connection, row.connection),
                kind=FindingKind(row.kind),
                reason=row.reason,
                last_seen=row.last_seen,
                actions=row.actions,
                last_action_at=row.last_action_at,
                ended_at=row.ended_at,
            )

    def _enrollments(self) -> Iterator[Enrolled]:
        rows = self.session.exec(
            select(EnrollmentRow)
            .join(DeviceEnrollmentRow)
            .where(DeviceEnrollmentRow.site == self.site, DeviceEnrollmentRow.device == self.device)
            .order_by(col(EnrollmentRow.id))
        )
        for row in rows:
            is_known = row.enrollment_id is not None
            yield Enrolled(row.made_at, row.scope, row.capacity, is_known, row.adopted)

    def _secrets(self) -> Iterator[Received]:
        """Which secrets of its own are held, and who took them; `sealed` is not even read."""
        mine = select(SecretRow).where(SecretRow.site == self.site, SecretRow.device == self.device)
        unread = defer(SecretRow.sealed, raiseload=True)  # type: ignore[arg-type]  # SQLModel's
        for row in self.session.exec(mine.order_by(col(SecretRow.id)).options(unread)).all():
            takings = self._takings(row.id)
            yield Received(row.received_at, row.scope, row.kind, row.expires_at, takings)

    def _takings(self, secret_id: int | None) -> tuple[Taking, ...]:
        rows = self.session.exec(
            select(HandoverRow.taken_by, HandoverRow.taken_at)
            .join(SecretHandoverRow)
            .where(SecretHandoverRow.secret_id == secret_id)
            .order_by(col(HandoverRow.taken_at), col(HandoverRow.id))
        )
        return tuple(Taking(by, at) for by, at in rows)

    def _concerns(self, table: type[HoldRow] | type[DecisionRow]) -> ColumnElement[bool]:
        """The condition that a row names it, or names no device but a request of its own.

        Another scope may have a request of the same key, so that `_is_its_own` has the last word.
        """
        is_key = col(table.request_key).in_({key for _, key in self.keys})
        return or_(col(table.device) == self.device, col(table.device).is_(None) & is_key)

    def _is_its_own(self, row: HoldRow | DecisionRow) -> bool:
        if row.device is not None:
            return row.device == self.device
        return (row.scope, row.request_key) in self.keys


def _number(request_key: str) -> str:
    """A request as people call it: 35 of the key 35/226c07b4f4357356e80de53d."""
    return request_key.partition("/")[0]


def _differences(text: str) -> tuple[str, ...]:
    """In which ways a decision's evidence was not as expected, in words."""
    try:
        evidence = Evidence.from_facts(json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError):  # somebody changed the row
        return (UNREADABLE,)
    reasons = [evidence.misfit, *(each.message for each in evidence.suspicions)]
    if evidence.misfit and evidence.expected and not evidence.contradiction:
        reasons.append(f"it was to show {evidence.expected}, and showed {evidence.observed}")
    return tuple(dict.fromkeys(filter(None, reasons)))
