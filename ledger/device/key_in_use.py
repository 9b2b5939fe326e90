"""The key in use: one key seals a ledger, on however many machines Muster runs."""

from sqlalchemy import Engine
from sqlmodel import Session, select

from ledger.database.engine import LedgerUnusable, insert_new, writing
from ledger.database.tables import ApproverRow, ClaimRow, SealingKeyRow, SecretRow
from ledger.device.sealing import Sealer
from ledger.state.claims import Claim


def register(engine: Engine, sealer: Sealer, claim: Claim) -> None:
    """Make the sealer's key the one in use, for the machines that come later.

    One that is in use already gives way when the sealer has it as well, so that a new key can be
    put before it; and when nothing was sealed with it and no other run has claims. Otherwise
    LedgerUnusable: another machine would not open what is sealed here, nor this one what it seals.
    """
    with writing(engine) as session:
        first = {"id": 1, "key_id": sealer.key_id}
        session.execute(insert_new(engine, SealingKeyRow).values(first))
        row = session.exec(select(SealingKeyRow).with_for_update()).one()
        if not sealer.knows(row.key_id) and _is_needed(session, row.key_id, claim):
            raise LedgerUnusable(
                "Another machine seals the secrets of this ledger, by the key of fingerprint "
                f"{row.key_id}; the key here has the fingerprint {sealer.key_id}. Nothing was "
                "begun. Set MUSTER_LEDGER_KEY here to the key of that machine: its "
                "MUSTER_LEDGER_KEY, or what its var/ledger.key holds"
            )
        row.key_id = sealer.key_id


def _is_needed(session: Session, key_id: str, claim: Claim) -> bool:
    """Whether anything was sealed with that key, or another run has claims, so that it may be."""
    needs = (
        select(SecretRow.key_id).where(SecretRow.key_id == key_id),
        select(ApproverRow.key_id).where(ApproverRow.key_id == key_id),
        select(ClaimRow.key).where(ClaimRow.run_id != claim.id),
    )
    return any(session.exec(each.limit(1)).first() is not None for each in needs)
