"""The rule by which a name with spaces or other letters becomes a device's name.

Accents are dropped and letters such as ß spelled out; spaces and signs become one dash; what is
longer than 63 is cut: "Prüfstand 4 (Süd)" becomes Prufstand-4-Sud. Other alphabets stay as they
are, for which there is no rule that people would agree on.
"""

import re
import unicodedata

MOST = 63
RULE = (
    "a device's name has letters, digits, '.', '_' and '-': accents are dropped, spaces and signs "
    f"become dashes, and {MOST} characters are kept"
)
_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l",
     "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"}
)  # fmt: skip
_SIGNS = re.compile(r"[^A-Za-z0-9._]+")


def device_name(text: str) -> str:
    """The name that the rule makes of a text; "" where it makes none."""
    if not text.isprintable() and not text.replace("\xa0", " ").isprintable():
        return ""
    parts = unicodedata.normalize("NFKD", text.translate(_SPELLED_OUT))
    bare = "".join(each for each in parts if not unicodedata.combining(each))
    if any(each.isalnum() and not each.isascii() for each in bare):
        return ""
    name = _SIGNS.sub("-", bare)
    return name.lstrip("._-")[:MOST].rstrip("._-")
