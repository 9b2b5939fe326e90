"""The host id of a cell: what a spreadsheet made of one, and what was never one, is a fault.

LEM's host ids are 12 hex digits; Acusight's are Docker's, such as DA3E:…, or a UUID. Others are
taken as they are, unless they show that they were damaged: no machine would ever match them.
"""

import re

from fleet.device.identity import ProvesNothing, printed_host_id
from fleet.roster.absent import is_absent, is_boolean, is_error

PRINTED = "Give the host id printed on the box, or leave the cell empty"
AS_TEXT = "Format the column as text, and type in again the host id printed on the box"
IN_ITS_COLUMN = "Put it into the column 'mac', and give the host id printed on the box, or none"
_MAC = re.compile(
    r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}", re.I
)
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[eé]v(?:rier)?|m[aä]r(?:ch|z|s)?|a[pv]r(?:il)?|"
    r"ma[iy]|june?i?|july?i?|juin|juillet|aug(?:ust)?|ao[uû]t|sept?(?:ember|embre)?|"
    r"o[ck]t(?:ober|obre)?|nov(?:ember|embre)?|d[eé][cz](?:ember|embre)?)\.?"
)
_DATE = re.compile(
    rf"\d{{1,4}}[-./ ]+{_MONTH}(?:[-./ ]+\d{{2,4}})?|{_MONTH}[-./ ]+\d{{1,4}}|"
    r"\d{4}([-./])\d{1,2}\1\d{1,2}(?:[ t].*)?|\d{1,2}([-./])\d{1,2}\2\d{2,4}(?:[ t].*)?",
    re.IGNORECASE,
)
_NEARLY = re.compile(r"[0-9a-f]{9,15}", re.IGNORECASE)
_DIGITS = 12


class UnusableHostId(ValueError):
    """The cell holds no host id that a machine can show; `remedy` says what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


def written_host_id(text: str) -> str:
    """The host id of a cell, in the case it is written in; UnusableHostId when it is none."""
    if damage := _damage(text):
        raise UnusableHostId(f"{text!r} {damage[0]}", damage[1])
    try:
        return printed_host_id(text)
    except ProvesNothing:
        raise
    except ValueError as error:
        raise UnusableHostId(str(error), PRINTED) from None


def _damage(text: str) -> tuple[str, str] | None:
    """What a cell holds instead of a host id, and the remedy."""
    if re.fullmatch(r"[0-9a-f]{12}", text, re.IGNORECASE):
        return None
    if is_boolean(text) or is_error(text):
        return "is no host id", PRINTED
    if is_absent(text):
        return "says that there is no host id", PRINTED
    if _MAC.fullmatch(text):
        return "is a MAC address and no host id", IN_ITS_COLUMN
    if _DATE.fullmatch(text):
        return "is a date: a spreadsheet made it of something else", AS_TEXT
    if _NUMBER.fullmatch(text):
        return _number(text), AS_TEXT
    if _NEARLY.fullmatch(text):
        return f"has {len(text)} hex digits, and a host id has {_DIGITS}", PRINTED
    return None


def _number(text: str) -> str:
    if not text.isdecimal():
        return "is a number: a spreadsheet made it of something else"
    has = f"has {len(text)} digit{'s' if len(text) > 1 else ''}, and a host id has {_DIGITS}"
    if len(text) < _DIGITS:
        return f"{has}: zeros before it were lost"
    return f"{has}: spreadsheets round such numbers"
