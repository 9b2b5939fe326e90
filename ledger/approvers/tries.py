"""Tries: wrong digits are in the record of decisions, where no row that is put back undoes them."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from fleet.admission.approver import Approver
from ledger.admission.decided import row_about
from ledger.admission.decisions import append_rows
from ledger.admission.end import last_about_digits
from ledger.admission.how import How
from ledger.admission.recorded import recorded
from ledger.database.tables import ApproverRow
from ledger.keys.record_keys import RecordKeys


@dataclass(frozen=True, slots=True)
class Tries:
    """How many wrong answers somebody gave in a row, and until when they are locked for that."""

    failures: int
    locked_until: datetime | None

    @classmethod
    def of(cls, session: Session, keys: RecordKeys, row: ApproverRow) -> "Tries":
        """As the record says; as the row does where that says nothing, or what it said is archived.

        Raises DoesNotHold where the record was changed.
        """
        last = last_about_digits(session, keys, _key(row.id))
        if last is None:
            return cls(row.failures, row.locked_until)
        found = json.loads(recorded(keys, last).evidence)
        until = found["locked_until"]
        return cls(found["failures"], datetime.fromisoformat(until) if until else None)

    def record(
        self, session: Session, keys: RecordKeys, approver: Approver, site: str, at: datetime
    ) -> None:
        """Add them to the record, in the transaction of the answer."""
        until = self.locked_until.isoformat() if self.locked_until else None
        about = {"approver": approver.id, "failures": self.failures, "locked_until": until}
        what = "wrong digits" if self.failures else "right digits"
        reason = f"{self.failures} wrong answers in a row" if self.failures else "after wrong ones"
        where = {"site": site, "request_key": _key(approver.id)}
        row = row_about(How.DIGITS, what, about, approver.name, reason, at, **where)
        append_rows(session, keys, [row])


def _key(approver_id: str) -> str:
    return f"digits/{approver_id}"
