"""Heads: the end of the record, signed, in a file that may be another machine's, a line for each.

{"at": "2026-11-30T07:38:11+00:00", "changes": 7, "count": 38, "head": "6be8c61e…",
 "key": "(public key)", "ledger": "4c0f…", "secrets": 12, "signature": "…"}

Of a ledger that was restored, `before` says which one it was, and how many decisions were restored.
"""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from fleet.admission.evidence import canonical
from fleet.text.settings import Settings
from ledger.database.engine import LedgerUnusable
from ledger.database.settings import LedgerSettings, beside
from ledger.keys.signing import Signer, is_signed

Line = dict[str, Any]
# What heads count besides decisions.
COUNTED = {"secrets": "secrets", "changes": "changes of device records and reviews"}
_VAR = Path("var")
_LAST = 16_384  # bytes
_READ: dict[Path, list[Line | None]] = {}  # the last lines that this process has read of each file
_SIGNED = "muster head "  # before what is signed, so that it means nothing else


def _beside_the_ledger() -> Path:
    return beside(LedgerSettings.current().url, "decision-heads.jsonl")


class HeadSettings(Settings):
    """MUSTER_DECISION_HEADS in the environment or .env: the file to which signed heads are added.

    It should be where who owns the ledger's database cannot write: another machine's folder. By
    default it is beside the ledger.
    """

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_DECISION_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    heads: Path = Field(default_factory=_beside_the_ledger)


@dataclass(frozen=True, slots=True)
class Heads:
    """What a file of heads says of one ledger: its hashes by the count of decisions up to each.

    `faults` and `notes` are sentences.
    """

    hashes: Mapping[int, str] = field(default_factory=dict)
    times: Mapping[int, str] = field(default_factory=dict)
    faults: Sequence[str] = ()
    notes: Sequence[str] = ()


def signed(signer: Signer, facts: Mapping[str, Any], number: int = 0) -> Line:
    """The line of `facts`, signed by the first key or by that of another number."""
    line = {**facts, "key": signer.public_keys[number]}
    return line | {"signature": signer.sign(_SIGNED + canonical(line), number)}


def add(file: Path, line: Line) -> str:
    """Add a line to the file, which only its owner can read when it is made; what failed, or "".

    Its folder must be there, for one that is made might hide that another machine's is missing.
    """
    try:
        if file.parent == _VAR:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            is_whole = _written(descriptor, canonical(line).encode() + b"\n")
        finally:
            os.close(descriptor)
    except OSError as error:
        return (
            f"The signed head of the decisions could not be written to {file}: {error.strerror}. "
            "Correct MUSTER_DECISION_HEADS, mount its folder, or let this user write there"
        )
    return (
        ""
        if is_whole
        else f"Only a part of the signed head of the decisions could be written to {file}. Make "
        "room there, and delete the line that was cut off"
    )


def _written(descriptor: int, content: bytes) -> bool:
    """Write `content` as a line of its own, also after one that was cut off; whether all of it."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        content = b"\n" + content
    count = os.write(descriptor, content)
    with suppress(OSError):  # what is no file on a disk
        os.fsync(descriptor)
    return count == len(content)


def lines_of(file: Path) -> list[Line | None]:
    """The lines of a file, [] where there is none; None for one that cannot be read.

    Raises LedgerUnusable where the file is there and cannot be read.
    """
    return _lines(file, 0)


def last_lines(file: Path) -> list[Line | None]:
    """The same for its last lines, some forty of them, which are read as fast after years.

    A run that has read them goes on with those while the file cannot be read: it may be on another
    machine, which is away for a moment.
    """
    try:
        start = file.stat().st_size - _LAST
    except OSError:
        start = 0  # whoever reads it says what is wrong
    try:
        _READ[file] = _lines(file, start)[1:] if start > 0 else lines_of(file)
    except LedgerUnusable:
        if file not in _READ:
            raise
    return _READ[file]


def _lines(file: Path, start: int) -> list[Line | None]:
    try:
        with file.open("rb") as stream:
            if start:
                stream.seek(start)
            return [_line(text) for text in stream.read().splitlines()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LedgerUnusable(
            f"The signed heads in {file} cannot be read: {error.strerror}. Name their file in "
            "MUSTER_DECISION_HEADS, and let this user read it"
        ) from error


def trusted_by(lines: Sequence[Line | None], keys: Collection[str]) -> set[str]:
    """`keys`, and those that lines signed by them name as keys before or after them."""
    trusted, before = set(keys), set[str]()
    while trusted != before:
        before = set(trusted)
        for line in lines:
            if line and "trusts" in line and _is_by(line, trusted):
                trusted.add(line["trusts"])
    return trusted


def signed_by(lines: Sequence[Line | None], keys: Collection[str]) -> list[Line]:
    """Those of the lines that were signed by `keys`, or by keys that lines by them trust."""
    trusted = trusted_by(lines, keys)
    return [line for line in lines if line and _is_by(line, trusted)]


def ledgers_known(file: Path, keys: Collection[str]) -> set[str]:
    """The ledgers of which the file has heads that were signed by `keys`."""
    return {line["ledger"] for line in signed_by(lines_of(file), keys)}


def heads_of(
    file: Path,
    lines: Sequence[Line | None],
    keys: Collection[str],
    ledger: Mapping[str, Any],
    counted: Mapping[str, int],
) -> Heads:
    """What the lines of the file say of the ledger whose id and restorations are in `ledger`.

    `counted` has what heads count besides decisions, and the ledger now. It was read after the
    lines: a head that is signed meanwhile counts more.
    """
    trusted = trusted_by(lines, keys)
    hashes, times = dict[int, str](), dict[int, str]()
    faults, past = list[str](), 0
    for number, line in enumerate(lines, 1):
        limit = limit_of(line, ledger)
        if not line:
            faults.append(
                f"line {number} of {file} is not signed by this ledger's key (if it was cut off, "
                "delete it)"
            )
        elif not _is_by(line, trusted):
            faults.append(f"line {number} of {file} is not signed by this ledger's key")
        elif limit is None:
            faults.append(f"line {number} of {file} is the head of another ledger")
        elif line["count"] > limit:
            past += 1
        elif hashes.setdefault(line["count"], line["head"]) != line["head"]:
            faults.append(f"line {number} of {file} contradicts one before it")
        else:
            times[line["count"]] = line["at"]
            if what := counts_more(line, ledger, counted):
                faults.append(
                    f"line {number} of {file} counts {line[what]} {COUNTED[what]}, and the ledger "
                    f"{counted[what]}: it was put back to an older state"
                )
    return Heads(hashes, times, faults, _notes(file, lines, past))


def _notes(file: Path, lines: Sequence[Line | None], past: int) -> list[str]:
    if not lines:
        return [
            f"There are no heads in {file}: whether the whole ledger was put back to an older "
            "state cannot be told"
        ]
    if not past:
        return []
    what = f"1 head in {file} was" if past == 1 else f"{past:,} heads in {file} were"
    return [f"{what} signed before a backup was restored, for what is no longer in the ledger"]


def counts_more(line: Line, ledger: Mapping[str, Any], counted: Mapping[str, int]) -> str:
    """Of what a head of this ledger counts more than the ledger does now; "" of nothing."""
    if line["ledger"] != ledger["id"]:
        return ""
    return next((name for name in COUNTED if line.get(name, 0) > counted[name]), "")


def restorations_in(lines: Sequence[Line | None], keys: Collection[str], ledger: str) -> Line:
    """What signed heads of that ledger say of the ledgers that it was before: id and count."""
    found: Line = {}
    for line in signed_by(lines, keys):
        found |= line.get("before", {}) if line["ledger"] == ledger else {}
    return found


def limit_of(line: Line | None, ledger: Mapping[str, Any]) -> float | None:
    """Up to which count that line must be in this ledger; None: it is of another one."""
    if line is None:
        return None
    if line["ledger"] == ledger["id"]:
        return float("inf")
    found: float | None = ledger["before"].get(line["ledger"])
    return found


def _is_by(line: Line, keys: Collection[str]) -> bool:
    facts = {name: value for name, value in line.items() if name != "signature"}
    is_ours = line["key"] in keys
    return is_ours and is_signed(_SIGNED + canonical(facts), line["signature"], line["key"])


def _line(text: bytes) -> Line | None:
    kinds = {"ledger": str, "count": int, "head": str, "secrets": int, "at": str, "key": str}
    try:
        line = json.loads(text)
        whole = {**kinds, "signature": str}
        is_one = all(type(line[name]) is kind for name, kind in whole.items())
        datetime.fromisoformat(line["at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return line if is_one else None
