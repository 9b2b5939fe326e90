"""Proving: six digits of an enrolled person's authenticator app, each of which works once."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, select

from fleet.admission.approver import (
    TRIES,
    Approver,
    Proof,
    folded,
    is_demanded,
    locked_until,
    six_digits,
    time_step,
)
from fleet.admission.review import UnusableAnswer, shown
from ledger.admission.enrolled import enrolled
from ledger.admission.proofs import last_step
from ledger.approvers.tries import Tries
from ledger.database.engine import LedgerUnusable
from ledger.database.tables import ApproverRow
from ledger.device.approver_label import label_of
from ledger.device.sealing import Sealed, Sealer
from ledger.keys.record_keys import RecordKeys


class Unproved(UnusableAnswer):
    """It is not proved who answered; the message says why."""


def prove(
    session: Session,
    sealer: Callable[[], Sealer],
    site: str,
    name: str,
    digits: str,
    at: datetime,
) -> Proof | None:
    """The proof that it was `name`, enrolled for `site`, who gave `digits` at that time.

    None where nobody is enrolled, so that names cannot be proved. Unproved where they can be and
    this one is not. To be called with the record locked, in the transaction of what follows from
    it: the digits then work no more, and wrong ones are counted.
    """
    keys = RecordKeys.load()
    everybody = enrolled(session, keys)
    approver = next((each for each in everybody if folded(each.name) == folded(name)), None)
    if not is_demanded(everybody, site) and (approver is None or not digits.strip()):
        return None
    who = shown(name) or "Somebody without a name"
    if approver is None:
        raise Unproved(
            f"{who} is not enrolled. Write the name as it was enrolled, or have it enrolled: "
            "muster approvers enroll"
        )
    if not approver.covers(site):
        raise Unproved(f"{approver.name} is enrolled for {approver.place}, and not for {site}")
    written = six_digits(digits)
    if written is None:
        raise Unproved(
            f"Write the six digits that the authenticator app of {approver.name} shows now"
        )
    row = session.exec(
        select(ApproverRow).where(ApproverRow.id == approver.id).with_for_update()
    ).first()
    if row is None or not keys.holds("approver", row.model_dump()):
        raise Unproved(_altered(approver))
    before = Tries.of(session, keys, row)
    row.failures, row.locked_until = before.failures, before.locked_until
    try:
        used = max(row.used_step, last_step(session, keys, approver))
        return Proof(approver, _used(row, used, sealer, approver, written, at))
    finally:
        keys.sign(row)
        after = Tries(row.failures, row.locked_until)
        if after != before:
            after.record(session, keys, approver, site, at)


def _used(
    row: ApproverRow,
    used: int,
    sealer: Callable[[], Sealer],
    approver: Approver,
    digits: str,
    at: datetime,
) -> int:
    """The time step of right digits, which are then used; Unproved when they are not right.

    Those of the step `used` and before work no more, also where an old row was put back.
    """
    if row.locked_until and at < row.locked_until:
        raise Unproved(
            f"{approver.name} is locked until {row.locked_until:%Y-%m-%d %H:%M:%S} UTC, after "
            f"{row.failures} wrong answers in a row. Answer again after that"
        )
    step = time_step(_secret(sealer(), approver, row), digits, at)
    if step is None:
        row.failures += 1
        row.locked_until = locked_until(row.failures, at)
        raise Unproved(_wrong(approver, row))
    if step <= used:
        raise Unproved(
            f"These digits of {approver.name} were used already. Wait until the app shows others"
        )
    row.used_step, row.failures, row.locked_until = step, 0, None
    return step


def _secret(sealer: Sealer, approver: Approver, row: ApproverRow) -> str:
    try:
        opened = sealer.unseal(label_of(approver), Sealed(row.sealed, row.key_id))
    except LedgerUnusable as error:
        if not sealer.knows(row.key_id):
            raise
        raise Unproved(_altered(approver)) from error
    return opened.get_secret_value()


def _altered(approver: Approver) -> str:
    return (
        f"The enrollment of {approver.name} in the ledger is not as it was made, so it does not "
        "count. Find out who changed it; then remove and enroll them anew"
    )


def _wrong(approver: Approver, row: ApproverRow) -> str:
    text = f"These are not the digits that the app of {approver.name} showed then"
    if row.locked_until:
        return (
            f"{text}. After {row.failures} wrong answers in a row {approver.name} is locked until "
            f"{row.locked_until:%Y-%m-%d %H:%M:%S} UTC"
        )
    left = TRIES - row.failures % TRIES
    return f"{text}. {left} more wrong answer{'s' if left > 1 else ''} will lock {approver.name}"
