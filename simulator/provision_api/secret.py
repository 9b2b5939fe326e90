"""The two secrets of a device: the code that activates it once, and the tokens it then has."""

from dataclasses import dataclass

from pydantic import BaseModel

from simulator.draw import word

URLSAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Activation(BaseModel):
    """What a device posts to be activated."""

    tenant_id: str
    device_id: str
    activation_code: str


@dataclass(slots=True)
class ActivationCode:
    """One code, known by its digest only."""

    tenant_id: str
    device_id: str
    code_hash: str
    site_id: str
    created_at: int
    expires_at: int
    used_at: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one code: no other device can use it."""
        return self.tenant_id, self.device_id, self.code_hash


@dataclass(slots=True)
class PastToken:
    """One row of the history of tokens. Only a rotation revokes the older rows."""

    tenant_id: str
    device_id: str
    token_hash: str
    created_at: int
    revoked_at: int | None = None
    reason: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one token."""
        return self.tenant_id, self.device_id, self.token_hash


def new_code(seed: int, number: int) -> str:
    """The `number`th code: 24 letters, of which the first may be a dash."""
    return word(URLSAFE, 24, seed, "activation-code", number)


def new_token(seed: int, number: int) -> str:
    """The `number`th token: 36 letters."""
    return "tok-" + word(URLSAFE, 32, seed, "provision-token", number)
