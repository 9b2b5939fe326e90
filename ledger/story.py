"""The story of one device: all that the ledger has of it, in every scope, in order of time."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, or_
from sqlmodel import Session, col, select

from fleet.device import Device
from fleet.evidence import Evidence
from fleet.handover import Taking
from fleet.kept import Kept
from fleet.standing import State
from fleet.story import (
    AtWork,
    Decided,
    Enrolled,
    Event,
    Found,
    HandedOver,
    Held,
    Home,
    Reached,
    Received,
    Reviewed,
    Story,
    Tried,
    differences,
)
from ledger.engine import reading
from ledger.tables import (
    BatchRow,
    ClaimRow,
    DecisionRow,
    DeviceGrantRow,
    DeviceRow,
    FindingRow,
    GrantRow,
    HandoverRow,
    HoldRow,
    IntentRow,
    ReviewItemRow,
    ReviewRow,
    SecretHandoverRow,
    SecretRow,
)

UNREADABLE = "its evidence cannot be read; verify-decisions says more"


def names(engine: Engine, site: str) -> list[str]:
    """The names of all devices that the ledger has for a site, whichever their system."""
    with reading(engine) as session:
        rows = session.exec(select(DeviceRow.name).where(DeviceRow.site == site).distinct())
        return sorted(rows)


def story(engine: Engine, site: str, device: str, now: datetime) -> Story:
    """Everything that the ledger has of one device; reads no secret, and needs no key for that."""
    with reading(engine) as session:
        pages = _Pages(session, site, device)
        events = [*pages.events()]
        events.sort(key=lambda each: each.at)
        return Story(
            site=site,
            device=device,
            homes=tuple(pages.homes),
            events=tuple(events),
            at_work=tuple(pages.at_work(now)),
        )


@dataclass
class _Pages:
    """Where in the ledger the device is written of; `keys` are its requests, by their scope."""

    session: Session
    site: str
    device: str
    homes: list[Home] = field(default_factory=list)
    keys: set[tuple[str, str]] = field(default_factory=set)

    def events(self) -> Iterator[Event]:
        """Every event, in no order."""
        yield from self._stages()  # first: this and the next say which requests are its own
        yield from self._acts()
        yield from self._holds()
        yield from self._decisions()
        yield from self._reviews()
        yield from self._findings()
        enrolment_ids: set[tuple[str, str]] = set()
        yield from self._enrolments(enrolment_ids)
        yield from self._secrets(enrolment_ids)

    def at_work(self, now: datetime) -> Iterator[AtWork]:
        """The runs that hold it by a living lease."""
        rows = self.session.exec(
            select(BatchRow.name, BatchRow.lease_until)
            .join(ClaimRow)
            .where(BatchRow.site == self.site, ClaimRow.device == self.device)
            .where(BatchRow.lease_until > now)
            .distinct()
        )
        for name, until in rows:
            yield AtWork(name, until)

    def _stages(self) -> Iterator[Reached]:
        mine = select(DeviceRow).where(DeviceRow.site == self.site, DeviceRow.name == self.device)
        for row in self.session.exec(mine.order_by(col(DeviceRow.scope))):
            self.homes.append(Home(_kept(row), row.reason))
            if row.request_key:
                self.keys.add((row.scope, row.request_key))
            stages = {
                "it asked to be let in": row.asked_at,
                "its system had provisioned it": row.provisioned_at,
                "it was first seen in service": row.confirmed_at,
            }
            for stage, at in stages.items():
                if at:
                    yield Reached(at, row.scope, stage)

    def _acts(self) -> Iterator[Tried]:
        rows = self.session.exec(
            select(IntentRow, BatchRow.scope, BatchRow.name)
            .join(BatchRow)
            .where(IntentRow.site == self.site, IntentRow.device == self.device)
            .order_by(col(IntentRow.id))
        )
        for row, scope, run in rows:
            self.keys.add((scope, row.subject))
            yield Tried(
                at=row.intended_at,
                place=scope,
                run=run,
                act=row.act,
                reason=row.reason,
                outcome=row.outcome,
                detail=row.detail,
                settled_at=row.settled_at,
            )

    def _holds(self) -> Iterator[Held]:
        rows = self.session.exec(
            select(HoldRow)
            .where(HoldRow.site == self.site)
            .where(self._concerns(col(HoldRow.device), col(HoldRow.request_key)))
        )
        for row in [each for each in rows if self._is_ours(each.device, each)]:
            self.keys.add((row.scope, row.request_key))
            request = _number(row.request_key)
            yield Held(row.held_at, row.scope, request, row.reason, row.hostname, row.identity)

    def _decisions(self) -> Iterator[Decided]:
        rows = self.session.exec(
            select(DecisionRow)
            .where(DecisionRow.site == self.site)
            .where(self._concerns(col(DecisionRow.device), col(DecisionRow.request_key)))
            .order_by(col(DecisionRow.id))
        )
        for row in [each for each in rows if self._is_ours(each.device, each)]:
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
                differs=_differences(row.evidence),
            )

    def _reviews(self) -> Iterator[Reviewed]:
        named = col(ReviewItemRow.evidence).contains(f'"device":"{self.device}"', autoescape=True)
        keyed = col(ReviewItemRow.request_key).in_({key for _, key in self.keys})
        rows = self.session.exec(
            select(ReviewItemRow, ReviewRow)
            .join(ReviewRow)
            .where(ReviewRow.site == self.site)
            .where(or_(named, keyed))
            .order_by(col(ReviewRow.asked_at), col(ReviewItemRow.number))
        )
        for item, review in rows:
            of = _evidence(item.evidence)
            is_its_key = (review.scope, item.request_key) in self.keys
            if (of.device if of else None) != self.device and not (is_its_key and _is_nobodys(of)):
                continue  # LIKE may tell no cases apart, and another scope's keys are not its own
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
        rows = self.session.exec(
            select(FindingRow)
            .where(FindingRow.site == self.site)
            .where(
                or_(col(FindingRow.device) == self.device, col(FindingRow.subject) == self.device)
            )
        )
        scopes = {home.kept.connection: home.kept.scope for home in self.homes}
        for row in rows:
            yield Found(
                at=row.first_seen,
                place=scopes.get(row.connection, row.connection),
                kind=row.kind,
                reason=row.reason,
                last_seen=row.last_seen,
                acts=row.acts,
                last_act_at=row.last_act_at,
                ended_at=row.ended_at,
            )

    def _enrolments(self, ids: set[tuple[str, str]]) -> Iterator[Enrolled]:
        """Those made for it; notes which they are in `ids`."""
        sharers = (
            select(DeviceGrantRow.grant_id, func.count().label("sharers"))
            .group_by(col(DeviceGrantRow.grant_id))
            .subquery()
        )
        rows = self.session.exec(
            select(GrantRow, sharers.c.sharers)
            .join(DeviceGrantRow)
            .join(sharers, sharers.c.grant_id == GrantRow.id)
            .where(DeviceGrantRow.site == self.site, DeviceGrantRow.device == self.device)
            .order_by(col(GrantRow.id))
        )
        for row, shared_by in rows:
            if row.enrolment_id:
                ids.add((row.scope, row.enrolment_id))
            yield Enrolled(
                at=row.made_at,
                place=row.scope,
                mark=row.wanted_expiry,
                shared_by=shared_by,
                is_known=row.enrolment_id is not None,
                adopted=row.adopted,
            )

    def _secrets(self, enrolments: set[tuple[str, str]]) -> Iterator[Received | HandedOver]:
        """That secrets are held and were handed over; what is sealed is not even read."""
        columns = (
            SecretRow.id,
            SecretRow.scope,
            SecretRow.device,
            SecretRow.kind,
            SecretRow.enrolment_id,
            SecretRow.received_at,
            SecretRow.expires_at,
        )
        mine = select(*map(col, columns)).where(
            col(SecretRow.site) == self.site,
            or_(col(SecretRow.device) == self.device, col(SecretRow.device).is_(None)),
        )
        rows = [
            row
            for row in self.session.execute(mine.order_by(col(SecretRow.id)))
            if row.device or (row.scope, row.enrolment_id) in enrolments
        ]
        taken = self._handovers({row.id for row in rows})
        files: dict[int, list[tuple[HandoverRow, str, str]]] = defaultdict(list)
        for row in rows:
            for handover in taken[row.id]:
                files[handover.id or 0].append((handover, row.scope, row.kind))
            yield Received(
                at=row.received_at,
                place=row.scope,
                kind=row.kind,
                expires_at=row.expires_at,
                is_shared=row.device is None,
                takings=tuple(Taking(each.taken_by, each.taken_at) for each in taken[row.id]),
            )
        for parts in files.values():
            handover = parts[0][0]
            yield HandedOver(
                at=handover.taken_at,
                place=", ".join(dict.fromkeys(scope for _, scope, _ in parts)),
                kinds=tuple(dict.fromkeys(kind for _, _, kind in parts)),
                by=handover.taken_by,
                recipient=handover.recipient,
                file_name=handover.file_name,
            )

    def _handovers(self, secret_ids: set[int]) -> dict[int, list[HandoverRow]]:
        """The files in which each secret was taken, oldest first."""
        rows = self.session.exec(
            select(SecretHandoverRow.secret_id, HandoverRow)
            .join(HandoverRow)
            .where(col(SecretHandoverRow.secret_id).in_(secret_ids))
            .order_by(col(HandoverRow.taken_at), col(HandoverRow.id))
        )
        taken: dict[int, list[HandoverRow]] = defaultdict(list)
        for secret_id, handover in rows:
            taken[secret_id].append(handover)
        return taken

    def _concerns(self, device: Any, key: Any) -> Any:
        """The condition that a row is its own, or a request of its own that was nobody's then."""
        nobodys = device.is_(None) & key.in_({key for _, key in self.keys})
        return or_(device == self.device, nobodys)

    def _is_ours(self, device: str | None, row: HoldRow | DecisionRow) -> bool:
        return device is not None or (row.scope, row.request_key) in self.keys


def _kept(row: DeviceRow) -> Kept:
    return Kept(
        site=row.site,
        scope=row.scope,
        connection=row.connection,
        device=Device(
            name=row.name,
            host_id=row.host_id,
            macs=tuple(row.macs.split()),
            zero_touch=row.zero_touch,
        ),
        state=State(row.state),
        is_listed=row.is_listed,
        confirmed_as=row.confirmed_as,
        changed_at=row.changed_at,
    )


def _number(request_key: str) -> str:
    """A request as people call it: its number, without what tells its enrolment."""
    return request_key.partition("/")[0]


def _evidence(text: str) -> Evidence | None:
    """The evidence in `text`; None when somebody has made it unreadable."""
    try:
        return Evidence.from_facts(json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _differences(text: str) -> tuple[str, ...]:
    evidence = _evidence(text)
    return differences(evidence) if evidence else (UNREADABLE,)


def _is_nobodys(evidence: Evidence | None) -> bool:
    return evidence is not None and evidence.device is None
