"""Sentences: several texts as one, each with one full stop at its end."""

from collections.abc import Iterable

_ENDS = (".", "!", "?", "\u2026")


def sentences(texts: Iterable[str]) -> str:
    """The texts that are not empty, one after the other."""
    bare = filter(None, (text.strip() for text in texts))
    return " ".join(text if text.endswith(_ENDS) else f"{text}." for text in bare)
