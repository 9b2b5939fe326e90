"""Signing: heads are signed by Ed25519, so that who has no secret can check them."""

from collections.abc import Iterable
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.database.settings import LedgerSettings
from ledger.keys.sealing_key import sealing_keys


class Signer:
    """Signs with the first of the ledger's keys. `public_keys` are those of all of them, in hex."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = [_signing_key(key) for key in keys]
        self.public_keys = [each.public_key().public_bytes_raw().hex() for each in self._keys]

    @classmethod
    def load(cls) -> "Signer":
        """With the keys that the environment gives; LedgerUnusable."""
        return cls(sealing_keys(LedgerSettings.current()))

    def sign(self, text: str, number: int = 0) -> str:
        """The signature of `text`, in hex, by the first key or by that of another number."""
        return self._keys[number].sign(text.encode()).hex()


def is_signed(text: str, signature: str, public_key: str) -> bool:
    """Whether `text` was signed by the key whose public half is `public_key`; both in hex."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


@cache
def _signing_key(key: str) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, None, b"muster record heads").derive(key.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)
