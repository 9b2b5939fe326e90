"""Reseal: all that the ledger has is sealed and keyed anew by the first key, a part at a time."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, bindparam
from sqlmodel import Session

from ledger.admission.decisions import lock
from ledger.admission.end import said_of
from ledger.admission.enrolled import enrolled
from ledger.database.engine import LedgerUnusable, one_moment, reading, writing
from ledger.database.settings import LedgerSettings
from ledger.device.approver_label import label_of
from ledger.device.key_in_use import register
from ledger.device.sealing import Label, Sealed, Sealer
from ledger.keys import facts
from ledger.keys.heads import HeadSettings, add, signed
from ledger.keys.keyed_rows import give_macs, key_of, keyed_tables, some_rows
from ledger.keys.places import COLUMNS, DEVICES, REVIEWS, Place, changing
from ledger.keys.record_keys import DoesNotHold, RecordKeys, name_of
from ledger.keys.sealing_key import sealing_keys
from ledger.keys.signing import Signer
from ledger.state.claims import Claim

_SEALED = {"secret", "approver"}  # tables that have something sealed
_MEANWHILE = (
    "Meanwhile another machine wrote rows by a former key, so that key is still needed. Put the "
    "new key first in MUSTER_LEDGER_KEY on every machine, and run this again"
)


def reseal(engine: Engine, now: datetime) -> tuple[int, str]:
    """Seal and key everything anew that a former key sealed or keyed; how many rows.

    Beside it, why the heads do not say by which key they are signed now, or "".

    It may be interrupted, and run again: what is done stays done. Runs may go on meanwhile, if
    they have all the keys, the new one first. Raises LedgerUnusable at the first row that does not
    hold, and where not all of it opens by the first key in the end.
    """
    sealer, keys, signer = Sealer.load(), RecordKeys.load(), Signer.load()
    register(engine, sealer, Claim("", ""))
    with writing(engine) as session:  # first, so that nobody is left with heads of no known key
        ledger = facts.required(session, keys, facts.LEDGER, lock=True)
        former = {*ledger.get("former", []), *signer.public_keys} - {signer.public_keys[0]}
        facts.note(session, keys, facts.LEDGER, ledger | {"former": sorted(former)})
        head = said_of(session, keys, now)
    count = sum(_table(engine, table, sealer, keys, now) for table in keyed_tables())
    _check_all_opens(engine)
    return count, _announce(signer, head)


def _announce(signer: Signer, head: dict[str, Any]) -> str:
    """Let heads say by which keys others are signed: the new one by the old ones, and these by it.

    So whoever has the public key of either can check the heads of both.
    """
    file, trouble = HeadSettings().heads, ""
    new, *others = signer.public_keys
    for number, old in enumerate(others, 1):
        trouble = trouble or add(file, signed(signer, head | {"trusts": new}, number))
        trouble = trouble or add(file, signed(signer, head | {"trusts": old}))
    return trouble


def _table(engine: Engine, table: Table, sealer: Sealer, keys: RecordKeys, now: datetime) -> int:
    count, after = 0, tuple[Any, ...]()
    while True:
        with writing(engine) as session, _part(session, keys, table, after) as rows:
            if not rows:
                return count
            old = [row for row in rows if _is_former(table, row, sealer, keys)]
            for row in old:
                keys.check(table.name, row)
            if table.name in _SEALED:
                labels = _labels(session, keys, table, old)
                old = _sealed_anew(session, table, old, labels, sealer, now)
            give_macs(session, keys, table, old)
            count, after = count + len(old), key_of(table, rows[-1])


@contextmanager
def _part(
    session: Session, keys: RecordKeys, table: Table, after: tuple[Any, ...]
) -> Iterator[list[dict[str, Any]]]:
    """The next rows, which nobody else changes meanwhile, locked in the order in which runs do."""
    if table.name == "keyed_fact":  # of which runs hold several, in an order of their own
        yield some_rows(session, table, after, lock=True, count=1)
    elif table.name == "device":
        places = _places(some_rows(session, table, after))
        with changing(session, keys, DEVICES, places):
            rows = some_rows(session, table, after, lock=True)
            yield [row for row in rows if (row["site"], row["scope"]) in places]
    else:
        lock(session)
        rows = some_rows(session, table, after, lock=True)
        kind = {"site_columns": COLUMNS}.get(table.name, REVIEWS)
        is_noted = table.name in {"review", "site_columns"}
        with changing(session, keys, kind, _places(rows) if is_noted else ()):
            yield rows


def _places(rows: Iterable[dict[str, Any]]) -> set[Place]:
    return {(row["site"], row.get("scope", "")) for row in rows}


def _check_all_opens(engine: Engine) -> None:
    """Raise LedgerUnusable unless all of it holds and opens by the first key alone."""
    first = sealing_keys(LedgerSettings())[:1]
    sealer, keys = Sealer(first), RecordKeys(first)
    with reading(one_moment(engine)) as session:
        for table in keyed_tables():
            after = tuple[Any, ...]()
            while rows := some_rows(session, table, after):
                if not all(keys.holds(table.name, row) for row in rows):
                    raise LedgerUnusable(_MEANWHILE)
                if table.name in _SEALED:
                    labels = _labels(session, keys, table, rows)
                    for row, label in zip(rows, labels, strict=True):
                        sealer.unseal(label, Sealed(row["sealed"], row["key_id"]))
                after = key_of(table, rows[-1])


def _is_former(table: Table, row: dict[str, Any], sealer: Sealer, keys: RecordKeys) -> bool:
    is_sealed_so = table.name in _SEALED and row["key_id"] != sealer.key_id
    return is_sealed_so or not (row["mac"] or "").startswith(f"{keys.key_id}:")


def _labels(
    session: Session, keys: RecordKeys, table: Table, rows: Sequence[dict[str, Any]]
) -> list[Label]:
    """What is sealed in with each row."""
    if table.name == "secret":
        return [Label(**{name: row[name] for name in Label._fields}) for row in rows]
    approvers = {each.id: each for each in enrolled(session, keys)}
    for row in rows:
        if row["id"] not in approvers:
            raise DoesNotHold(f"{name_of('approver', row)}, who is not enrolled any more,")
    return [label_of(approvers[row["id"]]) for row in rows]


def _sealed_anew(
    session: Session,
    table: Table,
    rows: Sequence[dict[str, Any]],
    labels: Sequence[Label],
    sealer: Sealer,
    now: datetime,
) -> list[dict[str, Any]]:
    new = []
    for row, label in zip(rows, labels, strict=True):
        sealed = sealer.seal(label, sealer.unseal(label, Sealed(row["sealed"], row["key_id"])), now)
        new.append(row | {"sealed": sealed.text, "key_id": sealed.key_id})
    if new:
        changed = table.update().where(table.c.id == bindparam("which"))
        changed = changed.values(sealed=bindparam("text"), key_id=bindparam("by"))
        session.execute(
            changed,
            [{"which": each["id"], "text": each["sealed"], "by": each["key_id"]} for each in new],
        )
    return new
