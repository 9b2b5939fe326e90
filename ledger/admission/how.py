"""How: in which way a decision came about."""

from enum import StrEnum


class How(StrEnum):
    """How a decision came about."""

    RULE = "rule"
    SHADOW = "shadow"
    RUN = "run"
    PERSON = "person"
    APPROVER = "approver"
    ORDER = "order"
    DIGITS = "digits"
