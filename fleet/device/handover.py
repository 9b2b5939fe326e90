"""Which of the secrets that we hold are handed over to the installer of the devices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fleet.device.secret import Secret, SecretKind

# What only Muster itself uses, to provision devices on their behalf.
_OWN = frozenset({SecretKind.PROVISIONING_TOKEN})


@dataclass(frozen=True, slots=True)
class Taking:
    """An earlier handover of a secret: who took it, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldSecret:
    """A secret as our ledger holds it; `scope` is where it is valid, such as one LEM project.

    `works` is False where the ledger knows that it is spent, or that its device is to stay out.
    """

    id: int
    scope: str
    secret: Secret
    received_at: datetime
    takings: tuple[Taking, ...] = ()
    works: bool = True


def to_hand_over(held: Iterable[HeldSecret], now: datetime) -> list[HeldSecret]:
    """What a device's installer needs, of secrets given oldest first: the latest of each kind.

    Nothing that has expired, works no more or is for our own use, and no activation code of a
    device that has been activated. Secrets that several devices share are distinguished by their
    enrollment.
    """
    held = list(held)
    activated = {_whose(h) for h in held if h.secret.kind is SecretKind.PROVISION_TOKEN}
    latest = {(_whose(h), h.secret.kind, _shared(h)): h for h in held}
    return [
        h
        for h in held
        if latest[(_whose(h), h.secret.kind, _shared(h))] is h
        and h.works
        and h.secret.kind not in _OWN
        and not _has_expired(h.secret, now)
        and not (h.secret.kind is SecretKind.ACTIVATION_CODE and _whose(h) in activated)
    ]


def _whose(held: HeldSecret) -> tuple[str, str | None]:
    return held.scope, held.secret.device


def _shared(held: HeldSecret) -> str:
    """The enrollment of a secret that several devices share; "" otherwise."""
    return "" if held.secret.device else held.secret.enrollment_id


def _has_expired(secret: Secret, now: datetime) -> bool:
    return secret.expires_at is not None and secret.expires_at <= now
