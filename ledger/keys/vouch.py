"""Vouch: the rows of a ledger that had no MACs get them, once."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, bindparam, func, select
from sqlmodel import Session, SQLModel, col

from ledger.database.engine import LedgerUnusable
from ledger.database.tables import DecisionArchiveRow, DecisionRow, SealingKeyRow
from ledger.keys import places
from ledger.keys.facts import (
    APPROVERS,
    DECISIONS,
    LEDGER,
    SECRETS,
    known,
    note,
    required,
    secrets_of,
)
from ledger.keys.heads import HeadSettings, ledgers_known
from ledger.keys.keyed_rows import give_macs, key_of, keyed_tables, some_rows
from ledger.keys.record_keys import RecordKeys
from ledger.keys.signing import Signer


def vouch(session: Session, keys: RecordKeys, now: datetime, *, is_restored: bool = False) -> int:
    """Give every row of a ledger its MAC, unless that was done before; how many rows.

    What was written before is vouched for only from that moment on, which is noted. Raises
    LedgerUnusable where rows or heads show that this was done before, also of a ledger that
    `is_restored` from a backup of an earlier release.
    """
    if known(session, keys, LEDGER):
        places.note_all(session, keys)
        return 0
    check_key_in_use(session, keys)
    file = HeadSettings.current().heads
    others = ledgers_known(file, Signer.load().public_keys)
    if _has_macs(session) or others:
        raise LedgerUnusable(_refused(file, is_restored, _has_rows(session)))
    _number_secrets(session, keys)
    counts = {table.name: _vouched(session, keys, table) for table in keyed_tables()}
    count = sum(counts.values()) - counts["keyed_fact"]
    ledger = {"id": uuid4().hex, "since": now.isoformat(), "before": {}}
    note(session, keys, LEDGER, ledger)
    note(session, keys, DECISIONS, _end_of_decisions(session))
    note(session, keys, APPROVERS, {"enrolled": [], "decision": 0})
    places.note_all(session, keys)
    return count


def _refused(file: Path, is_restored: bool, has_rows: bool) -> str:
    """Why nothing is vouched for, and what to do."""
    if is_restored:
        return (
            "Nothing was restored: this backup is of a release whose rows had no keyed hashes, and "
            f"the heads in {file} show a ledger that has them. Somebody may have taken them away "
            "before it was backed up. Restore a younger backup. If you know that this one is as "
            "that release left it, move the file of heads away first"
        )
    if has_rows:
        return (
            "This ledger looks like one of an earlier release, but its rows or the heads in "
            f"{file} show one that was prepared with its key before. Somebody may have taken that "
            "away. Restore it from a backup. If the heads are those of another ledger, name "
            "another file in MUSTER_DECISION_HEADS"
        )
    return (
        f"This ledger is empty, but the heads in {file} show one that was prepared with this key. "
        "If it was emptied or lost, restore it from a backup: muster ledger restore. If a new one "
        "is to begin, move that file away, or name another in MUSTER_DECISION_HEADS"
    )


def check_key_in_use(session: Session, keys: RecordKeys) -> None:
    """Raise LedgerUnusable where a ledger of an earlier release is sealed by a key not here."""
    row = session.scalars(select(SealingKeyRow)).first()
    if row and not keys.knows(row.key_id):
        raise LedgerUnusable(
            f"The key in use for this ledger has the fingerprint {row.key_id}, and the key here "
            f"{keys.key_id}. Set MUSTER_LEDGER_KEY here to that key: the MUSTER_LEDGER_KEY of the "
            "machine that used it last, or what its var/ledger.key holds"
        )


def renew(session: Session, keys: RecordKeys) -> None:
    """Note that the ledger was restored, so that heads signed since its backup are told apart."""
    ledger = required(session, keys, LEDGER)
    end = required(session, keys, DECISIONS)
    others = ledgers_known(HeadSettings().heads, Signer.load().public_keys)
    before = dict.fromkeys(others, 0) | ledger["before"] | {ledger["id"]: end["count"]}
    note(session, keys, LEDGER, ledger | {"id": uuid4().hex, "before": before})


def _number_secrets(session: Session, keys: RecordKeys) -> None:
    """Number the secrets of each site and scope, the oldest first, and note how many they are."""
    table = SQLModel.metadata.tables["secret"]
    columns = (table.c.id, table.c.site, table.c.scope)
    last: Counter[tuple[str, str]] = Counter()
    numbers = []
    for id_, *place in session.execute(select(*columns).order_by(table.c.received_at, table.c.id)):
        site, scope = place
        last[site, scope] += 1
        numbers.append({"which": id_, "number": last[site, scope]})
    if numbers:
        numbered = table.update().where(table.c.id == bindparam("which"))
        session.execute(numbered.values(version=bindparam("number")), numbers)
    for (site, scope), count in last.items():
        noted = {"site": site, "scope": scope, "last": count, "deleted": []}
        note(session, keys, secrets_of(site, scope), noted)
    note(session, keys, SECRETS, {"count": last.total()})


def _has_macs(session: Session) -> bool:
    return any(
        session.execute(select(table.c.mac).where(table.c.mac.is_not(None)).limit(1)).first()
        for table in keyed_tables()
    )


def _has_rows(session: Session) -> bool:
    return any(session.execute(select(table).limit(1)).first() for table in keyed_tables())


def _vouched(session: Session, keys: RecordKeys, table: Table) -> int:
    count, after = 0, tuple[Any, ...]()
    while rows := some_rows(session, table, after):
        give_macs(session, keys, table, rows)
        count, after = count + len(rows), key_of(table, rows[-1])
    return count


def _end_of_decisions(session: Session) -> dict[str, Any]:
    archived = select(func.coalesce(func.sum(DecisionArchiveRow.count), 0)).scalar_subquery()
    count = session.execute(select(func.count(col(DecisionRow.id)) + archived)).scalar_one()
    last = select(col(DecisionRow.id), col(DecisionRow.hash)).order_by(col(DecisionRow.id).desc())
    row = session.execute(last.limit(1)).first()
    return {"count": count, "id": row[0] if row else 0, "hash": row[1] if row else ""}
