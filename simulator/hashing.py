"""Secrets as they are stored: as a digest that identifies them without revealing them."""

import hashlib


def hashed(secret: str) -> str:
    """The SHA-256 of `secret`, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
