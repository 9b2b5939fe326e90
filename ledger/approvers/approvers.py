"""Approvers: people are enrolled and removed; the record of decisions says who, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import Session, select

from fleet.admission.approver import (
    ALL_SITES,
    Approver,
    Proof,
    folded,
    is_demanded,
    six_digits,
    time_step,
)
from fleet.text.expected import ExpectedError
from ledger.admission import decisions
from ledger.admission.decided import row_about
from ledger.admission.enrolled import enrolled, enrollments, facts_of, note_enrolled
from ledger.admission.how import How
from ledger.approvers.proving import prove
from ledger.approvers.tries import Tries
from ledger.database.engine import one_moment, reading, writing
from ledger.database.tables import ApproverRow
from ledger.device.approver_label import label_of
from ledger.device.key_in_use import register
from ledger.device.sealing import Sealer
from ledger.keys.record_keys import RecordKeys
from ledger.state.claims import Claim


class CannotEnroll(ExpectedError):
    """Nobody was enrolled; the message says why."""


class CannotRemove(ExpectedError):
    """Nobody was removed; the message says why."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody who is enrolled, since when, and until when nobody is believed to be them."""

    approver: Approver
    since: datetime
    locked_until: datetime | None


class Approvers:
    """The people who are enrolled, such as Anna, who decides at plant-7."""

    def __init__(self, engine: Engine, sealer: Sealer | None = None) -> None:
        self._engine, self._given = engine, sealer

    @cached_property
    def _sealer(self) -> Sealer:
        return self._given or Sealer.load()

    def enrolled(self) -> list[Enrolled]:
        """Everybody who is enrolled, in the order in which they were."""
        with reading(one_moment(self._engine)) as session:
            keys = RecordKeys.load()
            rows = session.exec(select(ApproverRow))
            locks = {row.id: Tries.of(session, keys, row).locked_until for row in rows}
            everybody = enrollments(session, keys)
            return [Enrolled(each, since, locks.get(each.id)) for each, since in everybody]

    def are_demanded(self, site: str) -> bool:
        """Whether names alone decide nothing at `site`, because somebody is enrolled for it."""
        with reading(one_moment(self._engine)) as session:
            return is_demanded(enrolled(session, RecordKeys.load()), site)

    def check_new(self, name: str) -> None:
        """Raise CannotEnroll when somebody of that name is enrolled."""
        with reading(one_moment(self._engine)) as session:
            _refuse_namesake(enrolled(session, RecordKeys.load()), name)

    def enroll(
        self, approver: Approver, secret: SecretStr, digits: str, by: str, now: datetime
    ) -> None:
        """Enroll somebody whose app shows the right `digits` at `now`; else CannotEnroll."""
        written = six_digits(digits)
        step = time_step(secret.get_secret_value(), written, now) if written else None
        if step is None:
            raise CannotEnroll(
                "These are not the six digits that the app shows now. If it has the key, check "
                "that the clocks of the phone and of this machine are right."
            )
        register(self._engine, self._sealer, Claim("", ""))  # the workers must be able to open it
        sealed = self._sealer.seal(label_of(approver), secret, now)
        row = ApproverRow(id=approver.id, sealed=sealed.text, key_id=sealed.key_id, used_step=step)
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            decisions.lock(session)
            before = enrollments(session, keys)
            _refuse_namesake([each for each, _ in before], approver.name)
            session.add(keys.sign(row))
            reason = f"enrolled {approver.name} as {approver.role} for {approver.place}"
            number = _record(session, keys, "enroll", approver, by, reason, now)
            note_enrolled(session, keys, [*before, (approver, now)], number)

    def remove(self, name: str, by: str, now: datetime, *, leaving_unproved: bool) -> Approver:
        """Remove somebody by name; who that was. CannotRemove when nobody has that name.

        So too when names alone would then decide again somewhere, unless `leaving_unproved`.
        """
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            decisions.lock(session)
            everybody = enrollments(session, keys)
            before = [each for each, _ in everybody]
            found = next((each for each in before if folded(each.name) == folded(name)), None)
            if found is None:
                raise CannotRemove(f"Nobody is enrolled as {name!r}. See: muster approvers list")
            places = _left_unproved(before, found)
            if places and not leaving_unproved:
                raise CannotRemove(
                    f"{found.name} is the last approver for {', '.join(places)}. Enroll somebody "
                    "else there first. Or add --leave-unproved: then typed names decide there again"
                )
            if row := session.get(ApproverRow, found.id):
                session.delete(row)
            lasting = f"; names decide without proof for {', '.join(places)}" if places else ""
            reason = f"removed {found.name}{lasting}"
            number = _record(session, keys, "remove", found, by, reason, now)
            left = [(each, since) for each, since in everybody if each.id != found.id]
            note_enrolled(session, keys, left, number)
            return found

    def prove(
        self, session: Session, site: str, name: str, digits: str, at: datetime
    ) -> Proof | None:
        """See `proving.prove`; within the transaction that records what follows from it."""
        return prove(session, lambda: self._sealer, site, name, digits, at)


def _record(
    session: Session,
    keys: RecordKeys,
    what: str,
    approver: Approver,
    by: str,
    reason: str,
    now: datetime,
) -> int:
    """Record that somebody was enrolled or removed; the number of that decision."""
    about, key = facts_of(approver), f"approver/{approver.id}"
    row = row_about(How.APPROVER, what, about, by, reason, now, request_key=key)
    return decisions.append_rows(session, keys, [row])


def _refuse_namesake(known: Sequence[Approver], name: str) -> None:
    if any(folded(each.name) == folded(name) for each in known):
        raise CannotEnroll(
            f"{name} is enrolled already. To enroll them anew, as for another phone or other "
            f"sites: muster approvers remove '{name}', then enroll"
        )


def _left_unproved(before: Sequence[Approver], leaving: Approver) -> list[str]:
    """The sites that nobody would be enrolled for any more without `leaving`."""
    after = [each for each in before if each.id != leaving.id]
    sites = dict.fromkeys(site for each in before for site in each.sites)
    return [
        "all sites" if site == ALL_SITES else site
        for site in sites
        if is_demanded(before, site) and not is_demanded(after, site)
    ]
