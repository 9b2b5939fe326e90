"""Enrolled: who may decide, as the ledger notes it with its key."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, select

from fleet.admission.approver import Approver, Role
from ledger.database.tables import ApproverRow
from ledger.keys import facts
from ledger.keys.facts import APPROVERS, DECISIONS, Facts
from ledger.keys.record_keys import DoesNotHold, RecordKeys, name_of


def enrolled(session: Session, keys: RecordKeys) -> list[Approver]:
    """Everybody who is enrolled, in the order in which they were; raises LedgerUnusable."""
    return [approver for approver, _ in enrollments(session, keys)]


def enrollments(session: Session, keys: RecordKeys) -> list[tuple[Approver, datetime]]:
    """The same, and since when.

    An old note that was put back is not that of the last decision about approvers: DoesNotHold.
    """
    noted = facts.required(session, keys, APPROVERS)
    if noted["decision"] != facts.required(session, keys, DECISIONS).get(APPROVERS, 0):
        raise DoesNotHold("who is enrolled to decide")
    return [(_approver(each), datetime.fromisoformat(each["since"])) for each in noted["enrolled"]]


def not_enrolled(session: Session, keys: RecordKeys) -> Iterator[str]:
    """Apps of people who were removed, whose rows were put back; in words."""
    ids = {each.id for each in enrolled(session, keys)}
    for id_ in session.exec(select(ApproverRow.id)):
        if id_ not in ids:
            yield f"{name_of('approver', {'id': id_})}, who is not enrolled"


def note_enrolled(
    session: Session,
    keys: RecordKeys,
    everybody: Sequence[tuple[Approver, datetime]],
    decision: int,
) -> None:
    """Note who is enrolled now; `decision` is the number of the one that says so."""
    people = [facts_of(each) | {"since": since.isoformat()} for each, since in everybody]
    facts.note(session, keys, APPROVERS, {"enrolled": people, "decision": decision})


def facts_of(approver: Approver) -> Facts:
    """What is recorded of an approver."""
    return {
        "id": approver.id,
        "name": approver.name,
        "sites": list(approver.sites),
        "role": approver.role.value,
    }


def _approver(facts: Facts) -> Approver:
    return Approver(facts["id"], facts["name"], tuple(facts["sites"]), Role(facts["role"]))
