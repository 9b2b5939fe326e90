"""The keys that seal the ledger's secrets: from the environment, or from a file of their own."""

import base64
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet

from ledger.database.engine import LedgerUnusable
from ledger.database.private_file import write_new
from ledger.database.settings import LedgerSettings

_LENGTH = 32  # of a key, in bytes
_OTHERS = 0o077
_MAKE_ONE = (
    "Make one with: python -c 'from cryptography.fernet import Fernet; "
    "print(Fernet.generate_key().decode())'"
)


def sealing_keys(settings: LedgerSettings) -> list[str]:
    """The keys that open, first the one that seals; a key file that is not there is made.

    Raises LedgerUnusable, which never shows a key.
    """
    if settings.key is not None:
        return _given(settings.key.get_secret_value())
    return [_stored(settings.key_file)]


def check_present(settings: LedgerSettings) -> None:
    """Raise LedgerUnusable where no key is given, and none is in the key file yet."""
    if settings.key is None and not settings.key_file.exists():
        raise LedgerUnusable(
            f"The key that opens the ledger's secrets is not at {settings.key_file}. Set "
            "MUSTER_LEDGER_KEY_FILE to where it is: the ledger's records are vouched for by it"
        )


def fingerprint(key: str) -> str:
    """Which key it is, without revealing any of it."""
    return hashlib.sha256(f"muster ledger key {key}".encode()).hexdigest()[:8]


def canonical(text: str) -> bytes | None:
    """The bytes that `text` is the one way to write in URL-safe base64; else None."""
    try:
        content = base64.urlsafe_b64decode(text)
    except ValueError:
        return None
    return content if base64.urlsafe_b64encode(content).decode() == text else None


def _is_key(text: str) -> bool:
    return len(canonical(text) or b"") == _LENGTH


def _given(text: str) -> list[str]:
    keys = [key for key in re.split(r"[,\s]+", text) if key]
    faulty = [number for number, key in enumerate(keys, 1) if not _is_key(key)]
    if faulty or not keys:
        which = f"its entry {faulty[0]} of {len(keys)} is" if faulty else "it has"
        raise LedgerUnusable(f"MUSTER_LEDGER_KEY cannot be used: {which} no key. {_MAKE_ONE}")
    return keys


def _stored(file: Path) -> str:
    try:
        # Another process may make it at the same moment: then its key is ours as well.
        with suppress(FileExistsError):
            if not file.exists():
                write_new(file, Fernet.generate_key() + b"\n")
        return _private_key(file)
    except OSError as error:
        raise LedgerUnusable(
            f"The key file {file} cannot be used: {error.strerror}. Repair that, name another "
            "file in MUSTER_LEDGER_KEY_FILE, or set the key in MUSTER_LEDGER_KEY"
        ) from error


def _private_key(file: Path) -> str:
    with file.open("rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        key = stream.read(1000).decode("ascii", "replace").strip()
    if mode & _OTHERS:
        raise LedgerUnusable(
            f"Other users have access to the key file {file} (mode {mode & 0o777:o}). "
            f"Run: chmod 600 {file}"
        )
    if not _is_key(key):
        raise LedgerUnusable(
            f"The key file {file} holds no key. Restore it from a backup. If nothing was sealed "
            "yet, delete it: a new one is made"
        )
    return key
