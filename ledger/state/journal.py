"""The journal: every action on a request is recorded before it is tried, and again after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Engine, delete, func, insert, update
from sqlmodel import col, select

from fleet.action.action import Approve, Reject, Retire, Retry, Rotate
from fleet.state.action_kind import ActionKind
from fleet.state.memory import DECIDING
from ledger.database.engine import Also, changed, nothing_else, reading, writing
from ledger.database.tables import ConnectionRunRow, IntentRow
from ledger.state.claims import Claim, check_held

Journaled = Approve | Reject | Retry | Retire | Rotate
A = TypeVar("A", bound=Journaled)


class Outcome(StrEnum):
    """What came of an intent. An intent without an outcome may or may not have happened."""

    DONE = "done"
    REFUSED = "refused"
    KEY_LOST = "key lost"
    NOT_DONE = "not done"
    REPLACED = "replaced"  # nobody knows, and by a later key it does not matter any more


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome and what the system said; `outcome` is None when it is unknown."""

    outcome: Outcome | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """One action that was to be tried, such as *approve* of request 12 of edge-042.

    Without `outcome`, what came of it is unknown.
    """

    id: int
    device: str
    action: ActionKind
    subject: str
    reason: str
    intended_at: datetime
    outcome: str | None = None
    detail: str = ""


class Journal:
    """What was tried on requests, and what came of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def intend(self, claim: Claim, actions: Sequence[Journaled], now: datetime) -> list[int]:
        """Record that `actions` are about to be tried; their ids in the journal, in the same order.

        Raises ClaimLost when this run may not act any more.
        """
        intents = [
            {
                "run_id": claim.id,
                "site": claim.site,
                "device": action.device.name if action.device else "",
                "action": action.kind.value,
                "subject": action.request.key,
                "reason": action.reason,
                "intended_at": now,
            }
            for action in actions
        ]
        in_order = insert(IntentRow).returning(col(IntentRow.id), sort_by_parameter_order=True)
        with writing(self._engine) as session:
            check_held(session, claim)
            found = session.scalars(in_order, intents) if intents else ()
            return [id_ for id_ in found if id_ is not None]

    def not_sent(self, claim: Claim, actions: Sequence[A], since: datetime) -> list[A]:
        """Those of `actions` whose last try by this claim since then surely did not happen."""
        mine = select(IntentRow.action, IntentRow.subject, IntentRow.outcome).where(
            IntentRow.run_id == claim.id,
            IntentRow.intended_at >= since,
            col(IntentRow.subject).in_([action.request.key for action in actions]),
        )
        with reading(self._engine) as session:
            rows = session.exec(mine.order_by(col(IntentRow.id)))
            last = {(ActionKind(action), subject): outcome for action, subject, outcome in rows}
        sent = {tried for tried, outcome in last.items() if outcome != Outcome.NOT_DONE}
        return [action for action in actions if (action.kind, action.request.key) not in sent]

    def resolve(
        self, results: Mapping[int, Result], now: datetime, also: Also = nothing_else
    ) -> None:
        """Record what came of intents; those whose outcome is None stay open.

        `also` writes what belongs in the same transaction, such as a key that the call returned.
        """
        rows = [
            {
                "id": id_,
                "outcome": result.outcome,
                "detail": result.detail,
                "resolved_at": now if result.outcome else None,
            }
            for id_, result in results.items()
        ]
        if rows:
            with writing(self._engine) as session:
                session.execute(update(IntentRow), rows)
                also(session)

    def open_intents(self, claim: Claim) -> list[Intent]:
        """The site's intents without an outcome, those of earlier runs included."""
        mine = select(IntentRow).join(ConnectionRunRow).where(ConnectionRunRow.scope == claim.scope)
        unknown = mine.where(IntentRow.site == claim.site, col(IntentRow.outcome).is_(None))
        with reading(self._engine) as session:
            return [_intent(row) for row in session.exec(unknown)]

    def of_claim(self, claim: Claim) -> list[Intent]:
        """Everything that this run tried, in order."""
        mine = select(IntentRow).where(IntentRow.run_id == claim.id)
        with reading(self._engine) as session:
            return [_intent(row) for row in session.exec(mine.order_by(col(IntentRow.id)))]

    def prune(self, before: datetime) -> int:
        """Delete intents that were resolved before that instant; how many they were.

        What later runs go by stays: the last of everything that was approved, rejected, rotated or
        lost.
        """
        same = (IntentRow.site, IntentRow.device, IntentRow.action, IntentRow.subject)
        lasting = (
            select(func.max(IntentRow.id))
            .where(col(IntentRow.action).in_((*DECIDING, ActionKind.ROTATE)))
            .where(col(IntentRow.outcome).in_((Outcome.DONE, Outcome.KEY_LOST)))
            .group_by(*map(col, same), col(IntentRow.outcome))
        )
        old = delete(IntentRow).where(
            col(IntentRow.resolved_at) < before, col(IntentRow.id).not_in(lasting)
        )
        with writing(self._engine) as session:
            return changed(session, old)

    def done(self, claim: Claim) -> dict[ActionKind, int]:
        """How many actions of each kind this run has done."""
        mine = select(IntentRow.action, func.count()).where(IntentRow.run_id == claim.id)
        with reading(self._engine) as session:
            counted = mine.where(IntentRow.outcome == Outcome.DONE).group_by(IntentRow.action)
            return {ActionKind(row[0]): row[1] for row in session.exec(counted)}


def _intent(row: IntentRow) -> Intent:
    return Intent(
        id=row.id or 0,
        device=row.device,
        action=ActionKind(row.action),
        subject=row.subject,
        reason=row.reason,
        intended_at=row.intended_at,
        outcome=row.outcome,
        detail=row.detail,
    )
