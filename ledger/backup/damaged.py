"""A SQLite file that is damaged, or is none: it is renamed, for nothing in it can be asked."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL

_SIDES = ("", "-wal", "-shm")


def set_damaged_aside(url: URL, moment: str) -> str:
    """Rename a ledger's file that cannot be read; its new name, or "" when it is whole or absent.

    A run that has it open notices that at its next use.
    """
    file = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or not url.database or not file.is_file():
        return ""
    if _is_whole(file):
        return ""
    aside = file.with_name(f"{file.name}.damaged-{moment}")
    for side in _SIDES:
        part = file.with_name(f"{file.name}{side}")
        if part.exists():
            part.rename(aside.with_name(f"{aside.name}{side}"))
    return str(aside)


def _is_whole(file: Path) -> bool:
    connection = sqlite3.connect(file, timeout=30)
    try:
        answer = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        return True  # locked, or not ours to read: what follows says so
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return bool(answer == ("ok",))
