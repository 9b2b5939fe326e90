"""Repairs of any cell: what clings to a text and cannot be seen, or is a spreadsheet's own sign."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something else would be used than what a cell says.

    `is_safe` is None where nothing would be used of it: that is safe for a line which says
    otherwise which machine its device is.
    """

    why: str
    is_safe: bool | None = True


Causes = tuple[Cause, ...]
SAFE, GUESS, NOTHING = True, False, None  # what a cause may be

_PLAIN = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.:_ ,;/-]*[0-9A-Za-z])?")
_QUOTES = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
_SIGNS = "'`\u2018\u2019"
_AS_FORMULA = re.compile(r'="([^"]*)"')
_END = re.compile(r"[\s,;:.*]+$")
# Letters that look like those of ASCII, of which host ids and MACs consist.
_HEX_DIGITS = re.compile(r"[0-9a-fA-F\s:.,;_-]*")
_FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)}
_TWINS = _FULL_WIDTH | str.maketrans(
    "\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0405\u0422\u0425"
    "\u0430\u0441\u0435\u0456\u043e\u0440\u0455\u0445\u0443"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
    "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d",
    "ABCEHIKMOPSTXaceiopsxyABEZHIKMNOPTYXo--------",
)


def cleaned(text: str) -> tuple[str, Causes]:
    """The text of a cell without what is not its own, and what was taken away."""
    if _PLAIN.fullmatch(text):
        return text, ()
    causes: list[Cause] = []
    for step in (_visible, _without_formula, _without_quotes, _without_sign):
        text, why = step(text)
        causes += [Cause(why)] if why else []
    return text, tuple(causes)


def without_end(text: str) -> tuple[str, Causes]:
    """An id without the punctuation after it."""
    bare = _END.sub("", text)
    return (bare, (Cause("nothing belongs after it"),)) if bare and bare != text else (text, ())


def in_ascii(text: str) -> tuple[str, Causes]:
    """An id whose letters and digits are of ASCII, not of another alphabet or of other width.

    That is safe for hex digits; what else an id consists of may be meant as it is.
    """
    if text.isascii():
        return text, ()
    plain = text.translate(_TWINS)
    if not plain.isascii():
        return text, ()
    other = next(c for c in text if not c.isascii())
    is_hex = bool(_HEX_DIGITS.fullmatch(plain))
    return plain, (Cause(f"{_name(other)} in it only resembles what is meant", is_hex),)


def _visible(text: str) -> tuple[str, str]:
    """Without characters that nobody sees, and with plain spaces for all others."""
    hidden = [c for c in text if unicodedata.category(c) == "Cf"]
    spaces = [c for c in text if c != " " and unicodedata.category(c) in {"Zs", "Zl", "Zp"}]
    if not (hidden or spaces):
        return text, ""
    for each in set(hidden):
        text = text.replace(each, "")
    for each in set(spaces):
        text = text.replace(each, " ")
    return text.strip(), f"it has a character that nobody sees, {_name((hidden or spaces)[0])}"


def _without_formula(text: str) -> tuple[str, str]:
    found = _AS_FORMULA.fullmatch(text)
    return (found[1].strip(), "the rest of it only makes it a text") if found else (text, "")


def _without_quotes(text: str) -> tuple[str, str]:
    if len(text) > 2 and text[0] in _QUOTES and text[-1] in _QUOTES:
        return text.strip(_QUOTES).strip(), "quotation marks are around it"
    return text, ""


def _without_sign(text: str) -> tuple[str, str]:
    if len(text) > 1 and text[0] in _SIGNS:
        return text[1:].strip(), "an apostrophe before it is the sign of spreadsheets for a text"
    return text, ""


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}")
