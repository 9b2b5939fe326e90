"""Orders in the record of decisions: where people approved, and a policy does from now on."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from ledger.admission.decided import row_about
from ledger.admission.decisions import append_rows, lock
from ledger.admission.how import How
from ledger.keys.record_keys import RecordKeys

BY_POLICY = "by policy"
_REASON = "ordered with approval by policy; before, people had to approve it"


def record_relaxed(
    session: Session, site: str, relaxed: Iterable[tuple[str, str]], by: str, now: datetime
) -> None:
    """Record that no person need approve these (scope, device) any more, and which run said so."""
    rows = []
    for scope, device in relaxed:
        about = {"device": device, "is_by_people": False}
        where = {"scope": scope, "site": site, "device": device, "request_key": f"order/{device}"}
        rows.append(row_about(How.ORDER, BY_POLICY, about, by, _REASON, now, **where))
    if rows:
        lock(session)
        append_rows(session, RecordKeys.load(), rows)
