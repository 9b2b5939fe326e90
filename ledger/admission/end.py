"""The end of the record, as the ledger notes it, and what a head says of it."""

from datetime import datetime

from sqlmodel import Session

from ledger.admission.chain import GENESIS, Head
from ledger.keys import facts
from ledger.keys.facts import DECISIONS
from ledger.keys.places import changes
from ledger.keys.record_keys import RecordKeys


def end_of(noted: facts.Facts) -> Head:
    """The end that is noted of the decisions."""
    return Head(noted["count"], noted["hash"] or GENESIS)


def said_of(session: Session, keys: RecordKeys, now: datetime) -> facts.Facts:
    """What a head says of the record, but for its signature."""
    end = end_of(facts.required(session, keys, DECISIONS))
    ledger = facts.required(session, keys, facts.LEDGER)
    said = {"count": end.count, "head": end.hash, "ledger": ledger["id"]}
    restored = {"before": ledger["before"]} if ledger["before"] else {}
    return {**said, **counted(session, keys), **restored, "at": now.isoformat()}


def counted(session: Session, keys: RecordKeys | None) -> dict[str, int]:
    """What heads count besides decisions; without keys, as it is there."""
    secrets = (
        facts.required(session, keys, facts.SECRETS)
        if keys
        else facts.unchecked(session, facts.SECRETS)
    )
    return {"secrets": secrets["count"], "changes": changes(session, keys)}
