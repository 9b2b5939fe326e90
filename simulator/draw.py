"""Repeatable chance: the same words always draw the same."""

import hashlib


def fraction(*words: object) -> float:
    """A number from 0 up to, but not including, 1."""
    return int.from_bytes(_digest(words, 6), "big") / 2**48


def word(alphabet: str, length: int, *words: object) -> str:
    """A word of `length` letters of `alphabet`."""
    return "".join(alphabet[byte % len(alphabet)] for byte in _digest(words, length))


def _digest(words: tuple[object, ...], length: int) -> bytes:
    return hashlib.shake_256(repr(words).encode()).digest(length)
