"""The secrets that systems showed once: sealed when received, opened to be used or handed over."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Engine, delete, exists, insert, or_
from sqlmodel import Session, col, select

from fleet.device.handover import HeldSecret, Taking
from fleet.device.secret import KEYS, Keyring, Secret, SecretKind
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.working_secret import works
from ledger.database.engine import Also, nothing_else, one_moment, reading, writing
from ledger.database.tables import (
    ConnectionRunRow,
    DeviceRow,
    HandoverRow,
    IntentRow,
    SecretHandoverRow,
    SecretRow,
)
from ledger.device.handovers import forget
from ledger.device.key_in_use import register
from ledger.device.sealing import Label, Sealed, Sealer
from ledger.device.uncertain import Uncertain
from ledger.keys.record_keys import RecordKeys
from ledger.keys.rollback import check_not_behind
from ledger.keys.secret_versions import checked, next_versions, note_deleted, places_of
from ledger.state.claims import Claim
from ledger.state.journal import Outcome

_AT_ONCE = 500  # so many secrets are deleted by one statement


class Secrets:
    """The secrets that this ledger holds; the key that opens them is read when needed."""

    def __init__(self, engine: Engine, sealer: Sealer | None = None) -> None:
        self._engine, self._given = engine, sealer

    @cached_property
    def _sealer(self) -> Sealer:
        """A sealer that opens all that the ledger holds; raises LedgerUnusable."""
        sealer = self._given or Sealer.load()
        sealer.check(self._engine)
        return sealer

    def register_key(self, claim: Claim) -> None:
        """Make the key here the one that seals this ledger; see `register`. LedgerUnusable if not.

        To be called before anything is exchanged, by a run that has `claim`.
        """
        register(self._engine, self._sealer, claim)

    def check_key(self) -> None:
        """Raise LedgerUnusable when the ledger holds secrets whose key is not here."""
        _ = self._sealer

    def sealing(self, claim: Claim, secrets: Sequence[Secret], now: datetime) -> Also:
        """What seals `secrets` of the claim's site, in the transaction of another operation.

        They are then saved together with what that operation records, or not at all.
        """
        if not secrets:
            return nothing_else

        def keep(session: Session) -> None:
            keys = RecordKeys.load()
            place = (claim.site, claim.scope)
            numbers = next_versions(session, keys, place, len(secrets))
            rows = [
                keys.keyed(SecretRow, _sealed(self._sealer, claim, each, number, now))
                for each, number in zip(secrets, numbers, strict=True)
            ]
            session.execute(insert(SecretRow), rows)

        return keep

    def keep(self, claim: Claim, secrets: Sequence[Secret], now: datetime) -> None:
        """Seal `secrets` of the claim's site, in a transaction of their own."""
        with writing(self._engine) as session:
            self.sealing(claim, secrets, now)(session)

    def keyring(self, claim: Claim) -> Keyring:
        """All secrets of the claim's site and scope; LedgerUnusable when one does not open."""
        mine = select(SecretRow).where(SecretRow.site == claim.site, SecretRow.scope == claim.scope)
        sealer, keys = self._sealer, RecordKeys.load()
        with reading(one_moment(self._engine)) as session:
            check_not_behind(session, keys)
            uncertain = Uncertain.of(session, claim.site)
            found = session.exec(mine.order_by(col(SecretRow.received_at), col(SecretRow.version)))
            rows = checked(session, keys, [(claim.site, claim.scope)], found)
            return Keyring([_opened(sealer, row, uncertain) for row in rows])

    def revoke(self, scope: str, enrollment_ids: Collection[str], now: datetime) -> None:
        """Note that the tokens with these ids, as `scope` lists them, let nobody in any more."""
        expires = col(SecretRow.expires_at)
        issued = select(SecretRow).where(
            col(SecretRow.scope) == scope,
            col(SecretRow.kind) == SecretKind.ISSUED_TOKEN,
            col(SecretRow.enrollment_id).in_(enrollment_ids),
            or_(expires.is_(None), expires > now),
        )
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            for row in keys.checked(SecretRow, session.exec(issued.with_for_update()).all()):
                row.expires_at = now
                session.add(keys.sign(row))

    def held(self, site: str) -> list[HeldSecret]:
        """All secrets of a site in all scopes, oldest first, and who took each before."""
        mine = select(SecretRow).where(SecretRow.site == site)
        sealer, keys = self._sealer, RecordKeys.load()
        with reading(one_moment(self._engine)) as session:
            check_not_behind(session, keys)
            takings, use = _takings(session, site), _Use.of(session, site)
            uncertain = Uncertain.of(session, site)
            found = session.exec(mine.order_by(col(SecretRow.received_at), col(SecretRow.version)))
            rows = checked(session, keys, places_of(session, keys, site), found)
            return [
                HeldSecret(
                    id=row.id,
                    scope=row.scope,
                    secret=_opened(sealer, row, uncertain),
                    received_at=row.received_at,
                    takings=tuple(takings[row.id]),
                    works=use.works(row),
                )
                for row in rows
                if row.id is not None
            ]

    def prune(self, before: datetime) -> int:
        """Delete secrets that were of no use any more before that instant; how many they were.

        That is those that had expired, and keys that a newer one had replaced.
        """
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            # All of them, so that no row that was written without the key replaces another one.
            rows = checked(session, keys, None, session.exec(select(SecretRow)))
            old = [*_useless(rows, before)]
            note_deleted(session, keys, old)
            for start in range(0, len(old), _AT_ONCE):
                ids = [row.id for row in old[start : start + _AT_ONCE]]
                forget(session, ids)
                session.execute(delete(SecretRow).where(col(SecretRow.id).in_(ids)))
            return len(old)

    def devices_without_key(self, site: str) -> list[str]:
        """The site's devices in service whose key is not held, where Muster holds keys.

        Those that activate themselves have their own.
        """
        scopes = select(SecretRow.scope)
        holds_it = exists().where(
            col(SecretRow.site) == col(DeviceRow.site),
            col(SecretRow.scope) == col(DeviceRow.scope),
            col(SecretRow.device) == col(DeviceRow.name),
            col(SecretRow.kind).in_(KEYS),
        )
        lacking = select(DeviceRow.name).where(
            DeviceRow.site == site,
            DeviceRow.state == State.IN_SERVICE,
            col(DeviceRow.scope).in_(scopes),
            col(DeviceRow.activates_itself).is_(False),
            ~holds_it,
        )
        with reading(self._engine) as session:
            return list(session.exec(lacking.order_by(col(DeviceRow.name))))


@dataclass(frozen=True, slots=True)
class _Use:
    """What the ledger knows of the use of a site's secrets.

    `states` are its devices' by (scope, name). `exchanged` are the codes that were exchanged or may
    have been, by (scope, request key).
    """

    states: Mapping[tuple[str, str], State]
    exchanged: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, session: Session, site: str) -> "_Use":
        """Read it."""
        devices = select(DeviceRow.scope, DeviceRow.name, DeviceRow.state)
        tried = select(ConnectionRunRow.scope, IntentRow.subject).join(IntentRow)
        tried = tried.where(IntentRow.site == site, IntentRow.action == ActionKind.APPROVE)
        sent = tried.where(col(IntentRow.outcome).is_distinct_from(Outcome.NOT_DONE))
        rows = session.exec(devices.where(DeviceRow.site == site))
        return cls(
            {(scope, name): State(state) for scope, name, state in rows},
            frozenset((scope, subject) for scope, subject in session.exec(sent)),
        )

    def works(self, row: SecretRow) -> bool:
        """Whether that secret is still of use, as far as the ledger knows."""
        kind, name = SecretKind(row.kind), row.device or ""
        is_code = kind is SecretKind.ACTIVATION_CODE
        if is_code and (row.scope, f"{name}/{row.enrollment_id}") in self.exchanged:
            return False
        state = self.states.get((row.scope, name))
        return state is None or works(kind, state)


def _sealed(
    sealer: Sealer, claim: Claim, secret: Secret, version: int, now: datetime
) -> dict[str, object]:
    """The row of one secret."""
    label = Label(
        scope=claim.scope,
        site=claim.site,
        device=secret.device,
        kind=secret.kind.value,
        enrollment_id=secret.enrollment_id,
        endpoint=secret.endpoint,
        version=version,
    )
    sealed = sealer.seal(label, secret.value, now)
    return label._asdict() | {
        "sealed": sealed.text,
        "key_id": sealed.key_id,
        "received_at": now,
        "expires_at": secret.expires_at,
        "run_id": claim.id or None,
    }


def _useless(rows: Sequence[SecretRow], before: datetime) -> Iterator[SecretRow]:
    """Those that had expired before that instant, and keys that a newer one had replaced."""
    latest: dict[tuple[str, ...], int] = {}
    for row in rows:
        if row.received_at < before and row.version:
            latest[_whose(row)] = max(row.version, latest.get(_whose(row), 0))
    for row in rows:
        is_key = row.device and SecretKind(row.kind) in {*KEYS, SecretKind.EDGE_KEY}
        is_replaced = is_key and (row.version or 0) < latest.get(_whose(row), 0)
        if is_replaced or (row.expires_at and row.expires_at < before):
            yield row


def _whose(row: SecretRow) -> tuple[str, ...]:
    return row.site, row.scope, row.device or "", row.kind


def _opened(sealer: Sealer, row: SecretRow, uncertain: Uncertain) -> Secret:
    label = Label(
        row.scope, row.site, row.device, row.kind, row.enrollment_id, row.endpoint, row.version
    )
    return Secret(
        kind=SecretKind(row.kind),
        value=sealer.unseal(label, Sealed(row.sealed, row.key_id)),
        device=row.device,
        enrollment_id=row.enrollment_id,
        expires_at=row.expires_at,
        endpoint=row.endpoint,
        may_be_replaced=uncertain.why(row),
    )


def _takings(session: Session, site: str) -> dict[int, list[Taking]]:
    """Who took each secret of the site before, by its id, oldest first."""
    rows = session.exec(
        select(SecretHandoverRow.secret_id, HandoverRow.taken_by, HandoverRow.taken_at)
        .join(HandoverRow)
        .where(HandoverRow.site == site)
        .order_by(col(HandoverRow.taken_at), col(HandoverRow.id))
    )
    takings: dict[int, list[Taking]] = defaultdict(list)
    for secret_id, by, at in rows:
        takings[secret_id].append(Taking(by, at))
    return takings
