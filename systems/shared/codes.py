"""Codes: what may be told of one, and how an enrolment is named after it."""

import hashlib

from pydantic import SecretStr


def enrollment_id(code: SecretStr) -> str:
    """A name for the enrolment behind `code` that does not reveal it (129 random bits, hashed)."""
    return hashlib.sha256(code.get_secret_value().encode()).hexdigest()[:24]
