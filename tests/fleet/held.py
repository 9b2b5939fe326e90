"""Short words for secrets, as they are received and as they are held."""

from datetime import datetime
from typing import Any

from pydantic import SecretStr

from fleet.device.handover import HeldSecret, Taking
from fleet.device.secret import Secret, SecretKind
from tests.fleet.builders import NOW


def a_secret(
    kind: SecretKind = SecretKind.API_KEY,
    value: str = "s3cret",
    *,
    device: str | None = "edge-1",
    **more: Any,
) -> Secret:
    return Secret(kind, SecretStr(value), device, **more)


def a_held(
    kind: SecretKind = SecretKind.API_KEY,
    *,
    id: int = 1,  # noqa: A002  # the secret's own word
    scope: str = "Acusight organization a",
    received_at: datetime = NOW,
    takings: tuple[Taking, ...] = (),
    **more: Any,
) -> HeldSecret:
    return HeldSecret(id, scope, a_secret(kind, **more), received_at, takings)
