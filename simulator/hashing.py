"""Secrets as they are kept: as a digest that tells them apart and gives none away."""

import hashlib


def hashed(secret: str) -> str:
    """The SHA-256 of `secret`, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
