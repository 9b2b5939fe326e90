"""Records in an object, as programs answer: {"count": 2, "next": null, "results": [{…}, {…}]}."""

import json
import re

from fleet.text.fault import UnusableRoster

_NAMES = {
    "assets", "content", "data", "devices", "entries", "hosts", "inventory", "items", "list",
    "machines", "nodes", "objects", "records", "results", "rows", "value", "values",
}  # fmt: skip
_KEY = re.compile(r'[\s,]*"([^"\\]{0,100})"\s*:\s*')
_OBJECTS = re.compile(r"\[\s*\{")


def array_in(text: str, start: int, decoder: json.JSONDecoder) -> int | None:
    """Where the list of records begins in the only object of a text; None if there is none.

    UnusableRoster when it has several, for nobody said which one has the devices.
    """
    values, end = _values(text, start + 1, decoder)
    arrays = [key for key, at in values.items() if _OBJECTS.match(text, at)]
    named = [key for key in arrays if key.lower() in _NAMES]
    rest = "" if end is None else text[end:].strip()
    if not named or (rest.startswith("}") and rest != "}"):  # others follow it
        return None
    if len(arrays) > 1:
        raise UnusableRoster(
            f"The JSON object has several lists: {', '.join(arrays)}. Send the one of the devices."
        )
    return values[named[0]]


def only_ends(text: str, start: int, decoder: json.JSONDecoder) -> bool:
    """Whether nothing but the end of the object, and values beside its list, follows there."""
    values, end = _values(text, start, decoder)
    has_lists = any(_OBJECTS.match(text, at) for at in values.values())
    return end is not None and not has_lists and text[end:].strip() == "}"


def _values(text: str, at: int, decoder: json.JSONDecoder) -> tuple[dict[str, int], int | None]:
    """Where the values of an object begin, and where they end; None if one cannot be read."""
    found: dict[str, int] = {}
    while key := _KEY.match(text, at):
        found[key[1]] = key.end()
        try:
            _, at = decoder.raw_decode(text, key.end())
        except (ValueError, RecursionError):
            return found, None
    return found, at
