"""Keyed facts: what the ledger notes of itself as a whole, each with a MAC of its own.

"ledger" is which ledger it is and since when it is keyed; "decisions" is the end of their chain,
with what is counted of them (`ledger/admission/end.py`); "approvers" is who is enrolled; "secrets"
is how many were ever sealed, in all and for each site and scope. See also `ledger/keys/places.py`.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from fleet.admission.evidence import canonical
from ledger.database.engine import LedgerUnusable, insert_new
from ledger.database.tables import KeyedFactRow
from ledger.keys.record_keys import RecordKeys

Facts = dict[str, Any]

LEDGER = "ledger"
DECISIONS = "decisions"
APPROVERS = "approvers"
DIGITS = "digits"
PEOPLE = "people"
PLACES = "places"
SECRETS = "secrets"


def secrets_of(site: str, scope: str) -> str:
    """The name of the facts about secrets of one site and scope."""
    return f"{SECRETS} of {canonical([site, scope])}"


def known(session: Session, keys: RecordKeys, name: str, *, lock: bool = False) -> Facts | None:
    """The facts of that name, which are JSON values; None where there are none.

    With `lock`, nobody else changes them until the transaction ends. Raises LedgerUnusable for
    facts that do not hold.
    """
    wanted = select(KeyedFactRow).where(KeyedFactRow.name == name)
    row = session.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        return None
    keys.check("keyed_fact", row.model_dump(warnings=False))
    facts: Facts = json.loads(row.facts)
    return facts


def required(session: Session, keys: RecordKeys, name: str, *, lock: bool = False) -> Facts:
    """Those facts, which every ledger has that was prepared; LedgerUnusable where they are gone."""
    facts = known(session, keys, name, lock=lock)
    if facts is None:
        raise LedgerUnusable(
            f"The ledger does not say what it must of its {name}: that was deleted. Nothing is "
            "done on it. Restore the ledger from a backup"
        )
    return facts


def unchecked(session: Session, name: str) -> Facts:
    """Those facts as they are there, for who has no key; LedgerUnusable where they are gone."""
    row = session.exec(select(KeyedFactRow).where(KeyedFactRow.name == name)).first()
    if row is None:
        raise LedgerUnusable(f"The ledger does not say what it must of its {name}")
    facts: Facts = json.loads(row.facts)
    return facts


def note_new(session: Session, keys: RecordKeys, name: str, facts: Mapping[str, Any]) -> None:
    """The same, unless there are some by now, by whichever run."""
    row = keys.keyed(KeyedFactRow, {"name": name, "facts": canonical(facts)})
    session.execute(insert_new(session.get_bind(), KeyedFactRow).values(row))


def note(session: Session, keys: RecordKeys, name: str, facts: Mapping[str, Any]) -> None:
    """Make `facts` those of that name."""
    row = {"name": name, "facts": canonical(facts)}
    row = keys.keyed(KeyedFactRow, row)
    changed = update(KeyedFactRow).where(col(KeyedFactRow.name) == name).values(row)
    if not getattr(session.execute(changed), "rowcount", 0):
        session.execute(insert(KeyedFactRow).values(row))
