"""Faults of the ledger's database: what one means and what to do, without the SQL it came from.

Databases say what happened by codes: SQLite by 13 (full), PostgreSQL by 53100 (disk full).
"""

import sqlite3
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class DatabaseFault(NamedTuple):
    """What is wrong, to be read after a colon; and what to do about it."""

    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}."


_FULL = DatabaseFault("the disk that it is on is full", "Make room there")
_READ_ONLY = DatabaseFault(
    "it can only be read",
    "Let this user write to it and to its folder, or name a server that takes writes",
)
_LOCKED = DatabaseFault(
    "another program kept it locked for too long",
    "Find out which one has it open, such as a backup or a database browser, and end that",
)
_ABSENT = DatabaseFault(
    "its file or its tables are gone",
    "Correct MUSTER_LEDGER_URL, move them back, or restore a backup",
)
_DAMAGED = DatabaseFault(
    "its file is damaged, or is no ledger", "Correct MUSTER_LEDGER_URL, or restore a backup"
)
_FAILING = DatabaseFault("its disk fails to read or write", "Check the disk, then the ledger on it")
_REFUSED = DatabaseFault(
    "its database refuses this user", "Grant it what Muster needs: to read, insert and change rows"
)
_BUSY = DatabaseFault(
    "its database serves as many connections as it can",
    "Raise its limit, or start fewer runs at a time",
)
_UNREACHABLE = DatabaseFault(
    "no connection to its database",
    "Check that the server is up, and the address, user and password in MUSTER_LEDGER_URL",
)
_RESTARTING = DatabaseFault(
    "its database is being stopped or started", "Wait until it is up, and run this again"
)
_CODES = {  # SQLite's primary result codes
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: _ABSENT,
    sqlite3.SQLITE_IOERR: _FAILING,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_STATES = {  # PostgreSQL's SQLSTATEs, and classes of them
    "53100": _FULL,
    "53300": _BUSY,
    "25006": _READ_ONLY,
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "40P01": _LOCKED,
    "42P01": _ABSENT,
    "3D000": _ABSENT,
    "42501": _REFUSED,
    "08": _UNREACHABLE,
    "28": _UNREACHABLE,
    "57P": _RESTARTING,
    "58": _FAILING,
    "XX": _DAMAGED,
}
_NO_TABLE = "no such table"  # SQLite has no code of its own for it


def fault_of(error: SQLAlchemyError) -> DatabaseFault:
    """What `error` means. Of what is known nowhere, the database's own first line is shown."""
    if isinstance(error, PoolTimeout):
        return _BUSY
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    return _of_postgres(error, cause)


def _of_sqlite(cause: sqlite3.Error) -> DatabaseFault:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_ERROR and _NO_TABLE in str(cause):
        return _ABSENT
    return _CODES.get(code) or _unknown(cause)


def _of_postgres(error: SQLAlchemyError, cause: BaseException | None) -> DatabaseFault:
    state = getattr(cause, "sqlstate", None)
    if state is None and cause and isinstance(error, DBAPIError) and not error.statement:
        return _UNREACHABLE._replace(problem=f"{_UNREACHABLE.problem} ({_first_line(cause)})")
    known = (_STATES.get((state or "")[:length]) for length in (5, 3, 2))
    return next((each for each in known if each), None) or _unknown(cause or error)


def _unknown(cause: BaseException) -> DatabaseFault:
    return DatabaseFault(f"its database says: {_first_line(cause)}", "See the database's own log")


def _first_line(cause: BaseException) -> str:
    lines = str(cause).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(cause).__name__
