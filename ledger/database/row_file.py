r"""A file of rows: compressed lines of JSON, the same for every kind of database.

{"muster_ledger_backup": 1, "revision": "0009", "taken_at": "2026-11-30T12:00:00+00:00"}
{"table": "claim", "columns": ["key", "device", "run_id"]}
["LEM project a: device plant-7/edge-042", "edge-042", "23821548eadd45b2895a6113d16c4582"]
{"counts": {"claim": 1}, "sha256": "(the hash of all lines before this one)"}
"""

import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ledger.database.engine import LedgerUnusable
from ledger.database.private_file import new_file

Row = dict[str, Any]
Tables = Iterable[tuple[str, list[str], Iterable[Iterable[Any]]]]  # name, columns, rows

FORMAT = 1


class Kind(StrEnum):
    """What a file of rows is, as its first line says."""

    BACKUP = "muster_ledger_backup"
    DECISIONS = "muster_decisions"

    @property
    def noun(self) -> str:
        """What people call it."""
        return "backup of a ledger" if self is Kind.BACKUP else "archive of decisions"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a file: the revision of its tables, and how many rows each has."""

    revision: str
    taken_at: datetime
    counts: dict[str, int]
    sha256: str

    def __str__(self) -> str:
        rows, tables = sum(self.counts.values()), len(self.counts)
        return f"{rows:,} rows of {tables} tables, revision {self.revision}"


def write(file: Path, kind: Kind, revision: str, tables: Tables, now: datetime) -> None:
    """Write `tables` to a new file that only its owner can read; LedgerUnusable when it cannot."""
    try:
        with new_file(file) as stream, gzip.open(stream, "wb") as packed:
            _write(packed, kind, revision, tables, now)
    except OSError as error:
        if isinstance(error, FileExistsError) and file.is_file():
            message = f"{file} is there already. Give another name."
        else:
            message = f"The {kind.noun} {file} cannot be written: {error.strerror}."
        raise LedgerUnusable(message) from error


def check(file: Path, kind: Kind) -> Contents:
    """What is in the file; LedgerUnusable unless every line is as it was written."""
    lines = _lines(file, kind)
    header: Any = next(lines, None)
    last: Row = {}
    if not isinstance(header, dict) or header.get(kind) != FORMAT:
        raise LedgerUnusable(f"{file} is no {kind.noun} that this Muster can read.")
    counts: Counter[str] = Counter()
    table = ""
    for line in lines:
        if isinstance(line, list):
            counts[table] += 1
        elif "table" in line:
            table = line["table"]
            counts[table] = 0
        else:
            last = line
    if last.get("counts") != counts:
        raise _damaged(file, kind)
    taken_at = datetime.fromisoformat(header["taken_at"])
    return Contents(header["revision"], taken_at, dict(counts), last["sha256"])


def rows(file: Path, kind: Kind) -> Iterator[tuple[str, Row]]:
    """Each row with the name of its table, in the order in which tables can be filled."""
    table = ""
    columns: list[str] = []
    for line in _lines(file, kind):
        if isinstance(line, list):
            yield table, dict(zip(columns, line, strict=True))
        elif "table" in line:
            table, columns = line["table"], line["columns"]


def _write(
    stream: BinaryIO | gzip.GzipFile, kind: Kind, revision: str, tables: Tables, now: datetime
) -> None:
    digest, counts = hashlib.sha256(), Counter[str]()

    def add(value: object) -> None:
        line = orjson.dumps(value, option=orjson.OPT_NAIVE_UTC | orjson.OPT_APPEND_NEWLINE)
        digest.update(line)
        stream.write(line)

    add({kind.value: FORMAT, "revision": revision, "taken_at": now})
    for name, columns, table_rows in tables:
        add({"table": name, "columns": columns})
        counts[name] = 0
        for row in table_rows:
            add([*row])
            counts[name] += 1
    add({"counts": counts, "sha256": digest.hexdigest()})


def _lines(file: Path, kind: Kind) -> Iterator[Any]:
    """Every line; LedgerUnusable where the file was damaged, at the latest at its end."""
    digest, is_whole = hashlib.sha256(), False
    try:
        with gzip.open(file, "rb") as stream:
            for line in stream:
                value = orjson.loads(line)
                is_whole = isinstance(value, dict) and value.get("sha256") == digest.hexdigest()
                yield value
                digest.update(line)
    except FileNotFoundError as error:
        raise LedgerUnusable(f"There is no {kind.noun} at {file}.") from error
    except (OSError, EOFError, zlib.error, orjson.JSONDecodeError) as error:
        raise _damaged(file, kind) from error
    if not is_whole:
        raise _damaged(file, kind)


def _damaged(file: Path, kind: Kind) -> LedgerUnusable:
    return LedgerUnusable(
        f"{file} is no {kind.noun}, or it was damaged since it was written. Use another one."
    )
