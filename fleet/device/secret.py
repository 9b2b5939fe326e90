"""A secret that a system shows only once: what it is, whose it is, and what it opens."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import SecretStr


class SecretKind(StrEnum):
    """What a secret is, in its system's own words. Those in `OPENING` admit a device."""

    ACTIVATION_CODE = "activation code"
    PROVISIONING_TOKEN = "provisioning token"  # noqa: S105  the word, not a token
    PROVISION_TOKEN = "provision token"  # noqa: S105
    API_KEY = "API key"
    EDGE_KEY = "edge key"
    ISSUED_TOKEN = "issued provisioning token"  # noqa: S105


KEYS = frozenset({SecretKind.PROVISION_TOKEN, SecretKind.API_KEY})  # by which a device is known
REPLACEABLE = frozenset({SecretKind.PROVISION_TOKEN})  # by a call that leaves no trace to see
OPENING = frozenset({SecretKind.ACTIVATION_CODE, SecretKind.PROVISIONING_TOKEN})


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret. `device` is None for one that several devices of the site share.

    `enrollment_id` is the enrollment that it belongs to; `endpoint` is where it is used, if its
    system said so. `expires_at` None: it does not expire, or its system did not say when.
    `may_be_replaced` says why a newer one, which is not held, may have replaced it; "" if none may.
    """

    kind: SecretKind
    value: SecretStr
    device: str | None = None
    enrollment_id: str = ""
    expires_at: datetime | None = None
    endpoint: str = ""
    may_be_replaced: str = ""


class Keyring:
    """The secrets that our ledger holds of one site in one system, oldest first."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self.secrets = tuple(secrets)
        self._latest = {(s.kind, s.device): s for s in self.secrets}
        self._openers = {s.enrollment_id: s for s in self.secrets if s.kind in OPENING}

    def latest(self, kind: SecretKind, device: str | None) -> Secret | None:
        """The last secret of `kind` that was received for `device`."""
        return self._latest.get((kind, device))

    def opener(self, enrollment_id: str) -> Secret | None:
        """The code or token of an enrollment."""
        return self._openers.get(enrollment_id)
