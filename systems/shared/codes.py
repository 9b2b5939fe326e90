"""Codes: how an enrollment is named after its code without revealing it."""

import hashlib

from pydantic import SecretStr


def enrollment_id(code: SecretStr) -> str:
    """A name for the enrollment behind `code` that does not reveal it (129 random bits, hashed)."""
    return hashlib.sha256(code.get_secret_value().encode()).hexdigest()[:24]
