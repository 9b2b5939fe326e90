"""What people and programs write where there is nothing to write."""

import re

_WORDS = (
    r"n\.?/?a\.?n?|#n/a|<na>|nat|n[io]l|[(\[<]?(?:none|null|empty)[)\]>]?|\\n|undefined|"
    r"not (?:available|applicable|known)|tb[acd]|todo|keine?r?"
)
_NAMES_NOTHING = re.compile(_WORDS, re.IGNORECASE)
_ABSENT = re.compile(
    rf"{_WORDS}|unknown|missing|pending|no|unbekannt|inconnu|[-\u2013\u2014?.x_/]+",
    re.IGNORECASE,
)
_BOOLEAN = re.compile(r"true|false|yes|no|wahr|falsch|vrai|faux", re.IGNORECASE)
_ERROR = re.compile(r"#(?:REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)", re.IGNORECASE)


def is_absent(text: str) -> bool:
    """Whether a cell says that there is nothing, such as "n/a" or "-"."""
    return bool(_ABSENT.fullmatch(text))


def names_nothing(text: str) -> bool:
    """Whether a cell that must have a name says that there is none."""
    return bool(_NAMES_NOTHING.fullmatch(text) or is_boolean(text) or is_error(text))


def is_boolean(text: str) -> bool:
    """Whether a cell says yes or no, where something else is asked for."""
    return bool(_BOOLEAN.fullmatch(text))


def is_error(text: str) -> bool:
    """Whether a cell holds the error of a formula, such as #REF!."""
    return bool(_ERROR.fullmatch(text))
