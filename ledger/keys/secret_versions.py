"""Versions of secrets: each of a site and scope has a number, and the ledger notes all of them.

So a secret that is deleted shows: its number is missing. What was pruned is noted as deleted.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from ledger.database.tables import KeyedFactRow, SecretRow
from ledger.keys import facts
from ledger.keys.facts import SECRETS, Facts
from ledger.keys.record_keys import DoesNotHold, RecordKeys

Place = tuple[str, str]  # a site and a scope


def next_versions(session: Session, keys: RecordKeys, place: Place, count: int) -> Iterator[int]:
    """So many new numbers, which are noted in the transaction that seals as many secrets."""
    everywhere = facts.required(session, keys, SECRETS, lock=True)
    name = facts.secrets_of(*place)
    noted = facts.known(session, keys, name, lock=True) or _none_yet(place)
    last = noted["last"]
    facts.note(session, keys, SECRETS, {"count": everywhere["count"] + count})
    facts.note(session, keys, name, noted | {"last": last + count})
    return iter(range(last + 1, last + count + 1))


def checked(
    session: Session, keys: RecordKeys, places: Collection[Place] | None, rows: Iterable[SecretRow]
) -> list[SecretRow]:
    """`rows`, which are all secrets of these places (None: of each place that a row is of).

    Raises DoesNotHold when a row was changed, or one of them is missing.
    """
    found = [*keys.checked(SecretRow, rows)]
    noted = _noted(session, keys)
    wanted = {(row.site, row.scope) for row in found} | {*(places or ())}
    for place in sorted(wanted):
        here = {row.version for row in found if (row.site, row.scope) == place}
        if said := _lacking(place, noted.get(place, _none_yet(place)), here):
            raise DoesNotHold(said)
    return found


def lacking(session: Session, keys: RecordKeys) -> Iterator[str]:
    """What is missing of the secrets of each place, in words."""
    here: dict[Place, set[int | None]] = defaultdict(set)
    rows = session.exec(select(SecretRow.site, SecretRow.scope, SecretRow.version))
    for site, scope, version in rows:
        here[site, scope].add(version)
    for place, noted in _noted(session, keys).items():
        if said := _lacking(place, noted, here[place]):
            yield said


def _lacking(place: Place, noted: Facts, here: Collection[int | None]) -> str:
    missing = {*range(1, noted["last"] + 1)} - {*here} - _deleted(noted)
    if not missing:
        return ""
    return f"what is sealed for {place[0]} ({place[1]}), of which number {min(missing)} is missing,"


def places_of(session: Session, keys: RecordKeys, site: str) -> list[Place]:
    """The site and scopes for which secrets were ever sealed."""
    return [place for place in _noted(session, keys) if place[0] == site]


def note_deleted(session: Session, keys: RecordKeys, rows: Iterable[SecretRow]) -> None:
    """Note that these are deleted, in the transaction that does so."""

    def place(row: SecretRow) -> Place:
        return (row.site, row.scope)

    facts.required(session, keys, SECRETS, lock=True)
    for (site, scope), some in groupby(sorted(rows, key=place), key=place):
        name = facts.secrets_of(site, scope)
        noted = facts.required(session, keys, name, lock=True)
        deleted = _deleted(noted) | {row.version for row in some if row.version}
        facts.note(session, keys, name, noted | {"deleted": _ranges(deleted)})


def _noted(session: Session, keys: RecordKeys) -> dict[Place, Facts]:
    """What is noted of every place; DoesNotHold unless that is as much as all of them together."""
    everywhere = facts.required(session, keys, SECRETS)
    wanted = select(KeyedFactRow).where(col(KeyedFactRow.name).startswith(f"{SECRETS} of "))
    rows = keys.checked(KeyedFactRow, session.exec(wanted))
    found: list[Facts] = [json.loads(row.facts) for row in rows]
    if sum(each["last"] for each in found) != everywhere["count"]:
        raise DoesNotHold("what it notes of the secrets of each site")
    return {(each["site"], each["scope"]): each for each in found}


def _none_yet(place: Place) -> Facts:
    return {"site": place[0], "scope": place[1], "last": 0, "deleted": []}


def _deleted(noted: Facts) -> set[int]:
    return {number for first, last in noted["deleted"] for number in range(first, last + 1)}


def _ranges(numbers: Iterable[int]) -> list[Any]:
    """Numbers as ranges, so that many are short: {1, 2, 3, 7} is [[1, 3], [7, 7]]."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
