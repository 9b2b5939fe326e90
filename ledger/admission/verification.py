"""Verification: the whole record against its key and its signed heads, as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.admission.chain import GENESIS
from ledger.admission.decisions import Decisions
from ledger.keys.not_holding import do_not_hold


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether the record holds, and what to say."""

    holds: bool
    message: str


def verify(decisions: Decisions, heads: Path, printed: str = "", public_key: str = "") -> Verified:
    """Check every decision, every other row that has a MAC, and the heads in that file.

    With a `public_key`, that takes no secret: only the chain's hashes and the heads are checked.
    """
    if printed == GENESIS:
        return Verified(False, "That head is the one of an empty record. It proves nothing.")
    end = decisions.end() if public_key else decisions.head()  # what is added later does not count
    signed = decisions.heads(heads, public_key)
    if broken := decisions.verify(printed, signed, has_key=not public_key):
        return Verified(False, f"The chain of decisions is broken at {broken}.")
    if signed.faults:
        return Verified(False, f"The signed heads do not hold: {_listed(signed.faults)}.")
    if others := [] if public_key else decisions.others_not_holding():
        return Verified(False, do_not_hold(others))
    notes = [*(signed.notes if end.count else ()), *([_NO_KEY] if public_key else [])]
    said = "".join(f" {note}." for note in notes)
    count = len(signed.hashes)
    confirm = "1 signed head confirms" if count == 1 else f"{count:,} signed heads confirm"
    confirmed = f", as {confirm}" if count else ""
    return Verified(True, f"The chain of decisions holds: {end}{confirmed}.{said}")


_SHOWN = 10
_NO_KEY = (
    "Only hashes and heads were checked, for that takes no secret: what was written since the last "
    "head, and all but decisions, is checked with the ledger's key"
)


def _listed(faults: Sequence[str]) -> str:
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return "; ".join(faults[:_SHOWN]) + more
