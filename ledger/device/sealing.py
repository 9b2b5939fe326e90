"""Sealing: secrets are encrypted in the ledger, with a key that is not in it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import col, select

from ledger.database.engine import LedgerUnusable, reading
from ledger.database.settings import LedgerSettings
from ledger.database.tables import SecretRow
from ledger.keys.sealing_key import canonical, fingerprint, sealing_keys


class Label(NamedTuple):
    """Whose secret it is, what it is and where it is used: sealed together with it."""

    scope: str
    site: str
    device: str | None
    kind: str
    enrollment_id: str = ""
    endpoint: str = ""
    version: int | None = None


class Sealed(NamedTuple):
    """A sealed secret, and the fingerprint of the key that sealed it."""

    text: str
    key_id: str


class Sealer:
    """Seals with the first of its keys, and opens what any of them sealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {fingerprint(key): Fernet(key) for key in keys}
        self.key_id = fingerprint(keys[0])

    @classmethod
    def load(cls, settings: LedgerSettings | None = None) -> "Sealer":
        """A sealer with the keys that `settings` (by default: the environment) give.

        A key file that is needed and not there is made. Raises LedgerUnusable.
        """
        return cls(sealing_keys(settings or LedgerSettings.current()))

    def seal(self, label: Label, value: SecretStr, now: datetime) -> Sealed:
        """`value`, for `label` alone; never the same text twice."""
        content = json.dumps([*label, value.get_secret_value()]).encode()
        token = self._keys[self.key_id].encrypt_at_time(content, int(now.timestamp()))
        return Sealed(token.decode(), self.key_id)

    def unseal(self, label: Label, sealed: Sealed) -> SecretStr:
        """What was sealed for `label`.

        Raises LedgerUnusable when its key is not here, or its row was changed since it was sealed.
        """
        self._check_known({sealed.key_id})
        content = self._content(sealed)
        # What an earlier release sealed has no version in it; its row's MAC has.
        if content is None or content[:-1] not in ([*label], [*label[:-1]]):
            raise LedgerUnusable(
                f"The {label.kind} of {label.device or label.site} ({label.scope}) does not open: "
                "its row in the ledger has been changed since it was sealed. Restore the ledger "
                "from a backup, or have a new secret made"
            )
        return SecretStr(content[-1])

    def check(self, engine: Engine) -> None:
        """Raise LedgerUnusable when the ledger has secrets whose key is not here."""
        with reading(engine) as session:
            self._check_known(session.exec(select(col(SecretRow.key_id)).distinct()))

    def knows(self, key_id: str) -> bool:
        """Whether it has the key of that fingerprint."""
        return key_id in self._keys

    def _check_known(self, key_ids: Iterable[str]) -> None:
        if unknown := sorted(set(key_ids) - self._keys.keys()):
            raise LedgerUnusable(
                "The ledger holds secrets that were sealed with another key (fingerprint "
                f"{', '.join(unknown)}) than the one here (fingerprint {self.key_id}). If another "
                "machine sealed them, set MUSTER_LEDGER_KEY here to its key, or restore "
                "var/ledger.key (MUSTER_LEDGER_KEY_FILE) from there. If a new key was put in use, "
                "add the former one to MUSTER_LEDGER_KEY, after it"
            )

    def _content(self, sealed: Sealed) -> list[Any] | None:
        """What was sealed; None when one letter of `sealed` is not as it was."""
        try:
            if canonical(sealed.text) is None:  # Fernet itself overlooks what is not base64
                return None
            content: list[Any] = json.loads(self._keys[sealed.key_id].decrypt(sealed.text))
        except InvalidToken:
            return None
        return content
