"""Places: of each site and scope the ledger notes all device records and reviews, as one hash.

It notes the same of what was chosen of a site's columns, which is of no scope. So it shows when one
is deleted, or put back to an older state of itself. The notes count their changes, and one note has
these counts of all places, whose sum heads say: so it shows, too, when all of a site is put back,
and its note with it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from fleet.admission.evidence import canonical
from ledger.database.tables import (
    DecisionRow,
    DeviceRow,
    KeyedFactRow,
    ReviewItemRow,
    ReviewRow,
    SiteColumnsRow,
)
from ledger.keys import facts
from ledger.keys.facts import DECISIONS, LEDGER, PEOPLE, PLACES, Facts
from ledger.keys.record_keys import DoesNotHold, RecordKeys

Place = tuple[str, str]  # a site and a scope
Contents = Mapping[Place, Collection[str]]  # what the hash covers

DEVICES, REVIEWS, COLUMNS = "devices", "reviews", "columns"
_TOGETHER = "what it notes of all sites together, of which some is of another time,"
_CALLED = {DEVICES: "device records", REVIEWS: "reviews", COLUMNS: "choices of columns"}


def locked(session: Session, keys: RecordKeys, kind: str, place: Place) -> Facts:
    """What is noted of a place, which nobody else changes until the transaction ends."""
    name = _name(kind, place)
    if noted := facts.known(session, keys, name, lock=True):
        return noted
    none_yet = {"site": place[0], "scope": place[1], "hash": hash_of(()), "changes": 0}
    facts.note_new(session, keys, name, none_yet)
    return facts.required(session, keys, name, lock=True)


def check(kind: str, place: Place, noted: Facts | None, contents: Iterable[str]) -> None:
    """Raise DoesNotHold unless these are what is noted of a place."""
    if said := _fault(kind, place, noted, contents):
        raise DoesNotHold(said)


def note(
    session: Session, keys: RecordKeys, kind: str, noted: Facts, contents: Iterable[str]
) -> None:
    """Note what a place has now, in the transaction that changes it, which called `locked`.

    That of all places is noted last, so that others wait for it no longer than they must.
    """
    name, count = _name(kind, (noted["site"], noted["scope"])), noted["changes"] + 1
    facts.note(session, keys, name, noted | {"hash": hash_of(contents), "changes": count})
    everywhere = facts.required(session, keys, PLACES, lock=True)
    facts.note(session, keys, PLACES, everywhere | {name: count})


@contextmanager
def changing(
    session: Session, keys: RecordKeys, kind: str, places: Iterable[Place]
) -> Iterator[None]:
    """A change of what these places have, which is noted when it is made.

    Raises DoesNotHold where something was deleted or put back before.
    """
    before = {place: locked(session, keys, kind, place) for place in sorted(places)}
    for place, noted in before.items():
        check(kind, place, noted, _CONTENTS[kind](session, place)[place])
    yield
    session.flush()
    for place, noted in before.items():
        note(session, keys, kind, noted, _CONTENTS[kind](session, place)[place])


def check_one(
    session: Session, keys: RecordKeys, kind: str, place: Place, contents: Iterable[str]
) -> None:
    """The same as `check`, by what is noted."""
    check(kind, place, facts.known(session, keys, _name(kind, place)), contents)


def check_all(
    session: Session, keys: RecordKeys, kind: str, contents: Contents, scope: str | None = None
) -> None:
    """Raise DoesNotHold unless these are all that is noted: in `scope`, or anywhere."""
    for said in _faults(session, keys, kind, contents, scope):
        raise DoesNotHold(said)


def faults(session: Session, keys: RecordKeys) -> Iterator[str]:
    """What is missing or was put back anywhere, in words."""
    noted = _kinds_noted(facts.required(session, keys, LEDGER))
    if not noted:
        return  # of a ledger of 0.4.0, before it is prepared
    if _changes(session, keys) != facts.required(session, keys, PLACES):
        yield _TOGETHER
    for kind in noted:
        yield from _faults(session, keys, kind, _CONTENTS[kind](session, None), None)


def note_all(session: Session, keys: RecordKeys) -> None:
    """Note once what is there: of a new ledger, or one of a release that did not note it."""
    end = facts.required(session, keys, DECISIONS)
    if PEOPLE not in end:
        facts.note(session, keys, DECISIONS, end | {PEOPLE: _people_in(session)})
    if facts.known(session, keys, PLACES) is None:
        facts.note(session, keys, PLACES, _changes(session, keys))
    ledger = facts.required(session, keys, LEDGER)
    before = _kinds_noted(ledger)
    if new := [kind for kind in _CONTENTS if kind not in before]:
        for kind in new:
            for place, found in _CONTENTS[kind](session, None).items():
                note(session, keys, kind, locked(session, keys, kind, place), found)
        facts.note(session, keys, LEDGER, ledger | {"notes_places": [*_CONTENTS]})


def _kinds_noted(ledger: Facts) -> list[str]:
    """Of which kinds the ledger has notes, in whatever release it began to."""
    said = ledger.get("notes_places")
    return [DEVICES, REVIEWS] if said is True else [*(said or ())]


def scopes_of(session: Session, keys: RecordKeys, site: str) -> list[str]:
    """The scopes in which the ledger notes, or has, device records of a site."""
    noted = {scope for place, scope in _noted(session, keys, DEVICES) if place == site}
    rows = select(DeviceRow.scope).where(DeviceRow.site == site).distinct()
    return sorted({*noted, *session.exec(rows)})


def changes(session: Session, keys: RecordKeys | None) -> int:
    """How often anything of this was changed, in all; without keys, as it is there."""
    return sum(_changes(session, keys).values())


def check_together(session: Session, keys: RecordKeys) -> None:
    """Raise DoesNotHold where a note of one place is not as old as the one of all places."""
    if _changes(session, keys) != facts.required(session, keys, PLACES):
        raise DoesNotHold(_TOGETHER)


def _changes(session: Session, keys: RecordKeys | None) -> dict[str, int]:
    found = _noted_as(session, keys, *_CONTENTS)
    return {name: each["changes"] for name, each in found.items() if each["changes"]}


def hash_of(contents: Iterable[str]) -> str:
    """The hash of what a place has."""
    return sha256("\n".join(sorted(contents)).encode()).hexdigest()


def devices_in(session: Session, place: Place | None) -> Contents:
    """The MACs of device records: of a place, or of each."""
    rows = select(DeviceRow.site, DeviceRow.scope, DeviceRow.mac)
    if place:
        rows = rows.where(DeviceRow.site == place[0], DeviceRow.scope == place[1])
    return _grouped(session.exec(rows), place)


def reviews_in(session: Session, place: Place | None) -> Contents:
    """The MACs of reviews, and how many requests were put before people in all of them."""
    rows = select(ReviewRow.site, ReviewRow.scope, ReviewRow.mac)
    items = select(ReviewRow.site, ReviewRow.scope, func.count()).join(ReviewItemRow)
    if place:
        is_its = ReviewRow.site == place[0], ReviewRow.scope == place[1]
        rows, items = rows.where(*is_its), items.where(*is_its)
    counted = items.group_by(col(ReviewRow.site), col(ReviewRow.scope))
    return _grouped([*session.exec(rows), *session.exec(counted)], place)


def columns_in(session: Session, place: Place | None) -> Contents:
    """The MACs of what was chosen of the columns: of a site, or of each."""
    rows = select(SiteColumnsRow.site, SiteColumnsRow.mac)
    if place:
        rows = rows.where(SiteColumnsRow.site == place[0])
    return _grouped(((site, "", mac) for site, mac in session.exec(rows)), place)


_CONTENTS: dict[str, Callable[[Session, Place | None], Contents]] = {
    DEVICES: devices_in,
    REVIEWS: reviews_in,
    COLUMNS: columns_in,
}


def _people_in(session: Session) -> dict[str, int]:
    """How many decisions people made at each site and scope, of those that are not archived."""
    theirs = select(DecisionRow.site, DecisionRow.scope, func.count())
    theirs = theirs.where(DecisionRow.how == "person")
    rows = session.exec(theirs.group_by(col(DecisionRow.site), col(DecisionRow.scope)))
    return {canonical([site, scope]): count for site, scope, count in rows}


def _grouped(rows: Iterable[tuple[str, str, Any]], place: Place | None) -> Contents:
    found: dict[Place, list[str]] = defaultdict(list)
    if place:
        found[place] = []
    for site, scope, content in rows:
        found[site, scope].append(str(content))
    return found


def _faults(
    session: Session, keys: RecordKeys, kind: str, contents: Contents, scope: str | None
) -> Iterator[str]:
    noted = _noted(session, keys, kind)
    for place in sorted({*noted, *contents}):
        is_asked_for = scope is None or place[1] == scope
        said = _fault(kind, place, noted.get(place), contents.get(place, ()))
        if is_asked_for and said:
            yield said


def _fault(kind: str, place: Place, noted: Facts | None, contents: Iterable[str]) -> str:
    if hash_of(contents) == (noted["hash"] if noted else hash_of(())):
        return ""
    where = f"{place[0]} ({place[1]})" if place[1] else place[0]
    return (
        f"the set of {_CALLED[kind]} of {where}, of which one was deleted or put back to an older "
        "state,"
    )


def _noted(session: Session, keys: RecordKeys, kind: str) -> dict[Place, Facts]:
    found = _noted_as(session, keys, kind).values()
    return {(each["site"], each["scope"]): each for each in found}


def _noted_as(session: Session, keys: RecordKeys | None, *kinds: str) -> dict[str, Facts]:
    """All that is noted of places, by its name, in one question."""
    is_one = or_(*(col(KeyedFactRow.name).startswith(f"{kind} of ") for kind in kinds))
    rows = session.exec(select(KeyedFactRow).where(is_one))
    checked = keys.checked(KeyedFactRow, rows) if keys else rows
    return {row.name: json.loads(row.facts) for row in checked}


def _name(kind: str, place: Place) -> str:
    return f"{kind} of {canonical([*place])}"
