"""The chain of decisions: each has the hash of the one before it, and a MAC by the ledger's key.

Whoever can write rows can also write hashes that fit, up to the end of the chain. What nobody can
write without the key is a MAC.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fleet.admission.evidence import digest
from ledger.keys.heads import Heads
from ledger.keys.record_keys import RecordKeys

GENESIS = "0" * 64  # what the first decision has for the hash of the one before it
_OUTSIDE = {"id", "hash", "mac"}  # of a row, what its hash does not cover
_LATER = frozenset({"proof"})  # columns that came later: absent from the hash where null


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many decisions it holds, and the hash of the last."""

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count} in all, head {self.hash}"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first broken link of the chain and why; who decided and when, where a row says so."""

    decision: int
    reason: str
    by: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        who = f" ({self.by}, {self.at:%Y-%m-%d %H:%M:%S} UTC)" if self.at else ""
        return f"decision {self.decision}{who}: {self.reason}"


class Walk:
    """Goes along the chain from its first link, and knows how far it has come.

    `printed` is a head that an earlier report printed, which must be one of the hashes; "" is none.
    It may `start` after links that were checked elsewhere. With `keys`, links of the ledger's own
    table must also have their MACs; without, only the hashes are checked. `heads` that were signed
    must be in the chain.
    """

    def __init__(
        self,
        printed: str = "",
        start: Head = Head(0, GENESIS),
        keys: RecordKeys | None = None,
        heads: Heads | None = None,
    ) -> None:
        self._heads = heads or Heads()
        self.head = start
        self._keys = keys
        self._printed = printed
        self._has_seen = not printed

    def step(self, row: dict[str, Any]) -> Broken | None:
        """Take the next link, as a row of its table; Broken when it does not hold.

        TypeError or ValueError for a value that no decision has.
        """
        if reason := _fault(row, self.head.hash) or self._forged(row):
            return Broken(row["id"], reason, row["decided_by"], row["decided_at"])
        self.head = Head(self.head.count + 1, row["hash"])
        self._has_seen = self._has_seen or row["hash"] == self._printed
        count = self.head.count
        if self._heads.hashes.get(count, row["hash"]) != row["hash"]:
            reason = f"a head that was signed on {self._heads.times[count]} has another one"
            return Broken(row["id"], reason, row["decided_by"], row["decided_at"])
        return None

    def _forged(self, row: dict[str, Any]) -> str:
        if self._keys is None or "mac" not in row or self._keys.holds("decision", row):
            return ""
        return "it was written, or given another number, without the ledger's key"

    def end(self) -> Broken | None:
        """Broken when the chain ends before a head that was signed or printed."""
        count = self.head.count
        last = max(self._heads.hashes, default=0)
        if last > count:
            return Broken(
                count + 1,
                f"a head of {last} decisions was signed on {self._heads.times[last]}, and the "
                f"ledger has {count}: it was put back to an older state, or its end was cut off. A "
                "backup is to be restored by: muster ledger restore",
            )
        if self._has_seen:
            return None
        return Broken(
            count + 1,
            f"none of the {count} before it has the hash {self._printed}: the end was cut off or "
            "rewritten, or that head is mistyped or from another ledger",
        )


def hash_of(row: dict[str, Any]) -> str:
    """The hash of a decision, by the columns of its row."""
    facts = {
        name: value
        for name, value in row.items()
        if name not in _OUTSIDE and not (name in _LATER and value is None)
    }
    return digest(facts | {"decided_at": row["decided_at"].isoformat()})


def _fault(row: dict[str, Any], before: str) -> str:
    """What is wrong with one link; "" when it holds."""
    if row["previous_hash"] != before:
        return "the decision before it is not the one that it was added to"
    try:
        evidence = digest(json.loads(row["evidence"]))
    except (ValueError, RecursionError):
        evidence = ""
    if evidence != row["evidence_hash"]:
        return "its evidence was changed"
    return "" if hash_of(row) == row["hash"] else "it was changed after it was recorded"
