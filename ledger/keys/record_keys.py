"""Keys of the record: what is acted upon carries a MAC, by a key that is not in the ledger.

A row's `mac` is such as "3f9c61d0:8e2b…": the fingerprint of the key, then the MAC of the row.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import SQLModel

from fleet.admission.evidence import canonical
from ledger.database.engine import LedgerUnusable
from ledger.database.settings import LedgerSettings
from ledger.keys.sealing_key import check_present, fingerprint, sealing_keys

Row = Mapping[str, Any]
T = TypeVar("T", bound=SQLModel)

# What each kind of row is called, and of its columns those on which nothing is done. A decision's
# evidence is covered by its hash, so that it need not be read to check a vote.
NAMES = {
    "approver": "the app of the approver {id}",
    "decision": "decision {id}",
    "decision_archive": "the archive {file_name}",
    "device": "the device record of {name} ({site}, {scope})",
    "secret": "the {kind} of {device} ({site}, {scope})",
    "review": "the review {id} of {site}",
    "review_item": "request {number} of the review {review_id}",
    "site_plan": "the plan {hash} of {site}",
    "site_columns": "what columns are used as at {site}",
    "keyed_fact": "what the ledger notes of its {name}",
}
_FREE = {
    "decision": {"evidence"},
    "device": {"reason", "asked_at", "provisioned_at", "confirmed_at", "changed_at"},
    "review": {"warned_at"},
    "secret": {"id", "run_id"},  # its version is its number
}


def name_of(table: str, row: Row) -> str:
    """What people call a row."""
    return NAMES[table].format(**{**row, "device": row.get("device") or "all devices"})


class DoesNotHold(LedgerUnusable):
    """A row was changed, or written without the ledger's key; nothing is done on it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"In the ledger, {what} does not hold: it was changed, or was written without the "
            "ledger's key. Nothing is done on it. Run: muster ledger verify. It names all that "
            "does not hold; then restore the ledger from a backup"
        )


class RecordKeys:
    """Makes MACs with the first of the ledger's keys, and checks those of all of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {fingerprint(key): _derived(key) for key in keys}
        self.key_id = fingerprint(keys[0])

    @classmethod
    def load(cls, settings: LedgerSettings | None = None) -> "RecordKeys":
        """With the keys that `settings` (by default: the environment) give; LedgerUnusable.

        None is made: by a new one nothing in the ledger would hold.
        """
        settings = settings or LedgerSettings.current()
        check_present(settings)
        return cls(sealing_keys(settings))

    def knows(self, key_id: str) -> bool:
        """Whether it has the key of that fingerprint."""
        return key_id in self._keys

    def mac(self, table: str, row: Row) -> str:
        """The MAC of a row, by the name of its table and the values of its columns."""
        return f"{self.key_id}:{_mac(self._keys[self.key_id], table, row)}"

    def keyed(self, table: type[SQLModel], facts: Row) -> dict[str, Any]:
        """The row of `facts` with its MAC; columns that they lack have their defaults."""
        row = {name: it.default for name, it in table.model_fields.items() if not it.is_required()}
        row |= facts
        return dict(facts) | {"mac": self.mac(str(table.__tablename__), row)}

    def sign(self, row: T) -> T:
        """The row with the MAC of what it says now."""
        row.mac = self.mac(str(row.__tablename__), row.model_dump())
        return row

    def holds(self, table: str, row: Row) -> bool:
        """Whether a row is as it was written with one of the keys here."""
        key_id, _, mac = _parts(row)
        key = self._keys.get(key_id)
        try:
            return key is not None and hmac.compare_digest(mac, _mac(key, table, row))
        except (TypeError, ValueError):  # a value that no row has, such as bytes for a text
            return False

    def check(self, table: str, row: Row) -> None:
        """Raise DoesNotHold, or LedgerUnusable when the key of its MAC is not here."""
        if not self.holds(table, row):
            raise self._refusal(table, row)

    def checked(self, table: type[T], rows: Iterable[T]) -> Iterator[T]:
        """`rows`, each checked as it is its turn."""
        name = str(table.__tablename__)
        for row in rows:
            self.check(name, row.model_dump(warnings=False))
            yield row

    def _refusal(self, table: str, row: Row) -> LedgerUnusable:
        what, (key_id, _, mac) = name_of(table, row), _parts(row)
        if not mac or key_id in self._keys:
            return DoesNotHold(what)
        return LedgerUnusable(
            f"In the ledger, {what} was written with another key (fingerprint {key_id}) than the "
            f"one here (fingerprint {self.key_id}). Set MUSTER_LEDGER_KEY here to the key of the "
            "machine that wrote it: its MUSTER_LEDGER_KEY, or what its var/ledger.key holds. If a "
            "new key was put in use, add the former one to MUSTER_LEDGER_KEY, after it"
        )


def _parts(row: Row) -> tuple[str, str, str]:
    """The fingerprint and the MAC of a row, and what is between them."""
    return str(row["mac"] or "").partition(":")


@cache
def _derived(key: str) -> bytes:
    """A key for MACs alone: who has it can open no secret."""
    return HKDF(SHA256(), 32, None, b"muster record MAC").derive(key.encode())


def _mac(key: bytes, table: str, row: Row) -> str:
    # What is absent is left out, so that a column that is added later changes no MAC.
    free = _FREE.get(table, set())
    facts = {
        name: _written(value)
        for name, value in row.items()
        if value is not None and name != "mac" and name not in free
    }
    text = canonical([table, facts]).encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, "sha256").hex()


def _written(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
