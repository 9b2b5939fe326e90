"""The encoding of a text: by its byte order mark, by its zero bytes, as UTF-8, or else guessed."""

import codecs

from charset_normalizer import from_bytes

_BOMS = (  # UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What spreadsheets save as text, on the machines of the world; the first of those that fit.
_USUAL = ("cp1252", "shift_jis", "gb18030", "big5", "cp949", "cp1251", "cp1250", "cp1253", "cp1254")
_SAMPLE = 64 * 1024


class NotText(ValueError):
    """The bytes are no text in any encoding."""


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding where it had to be guessed, else ""; NotText for no text."""
    encoding, is_guessed = encoding_of(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff"), encoding if is_guessed else ""
    except UnicodeDecodeError:
        raise NotText from None


def encoding_of(content: bytes) -> tuple[str, bool]:
    """The encoding of a text, and whether it had to be guessed; NotText for no text."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return encoding, False
    if encoding := _wide(content):
        return encoding, False
    try:
        content.decode()
    except UnicodeDecodeError:
        return _guessed(content), True
    return "utf-8", False


def _wide(content: bytes) -> str:
    """UTF-16 without a byte order mark shows by the zero bytes of its ASCII."""
    sample = content[:_SAMPLE]
    if len(content) % 2 or b"\0" not in sample:
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 4
    return "utf-16-le" if odd > most > even else "utf-16-be" if even > most > odd else ""


def _guessed(content: bytes) -> str:
    if b"\0" in content:
        raise NotText
    matches = from_bytes(content, cp_isolation=[*_USUAL])
    found = [
        (match.chaos, -match.coherence, _USUAL.index(encoding), encoding)
        for match in matches
        for encoding in match.could_be_from_charset
        if encoding in _USUAL
    ]
    if not found:
        raise NotText
    *_, encoding = min(found)
    return encoding
