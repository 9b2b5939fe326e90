"""What PostgreSQL refuses to hold, although the service lets it pass: each ends in a plain 500."""

import json
from collections.abc import Iterator
from typing import Any

INT4 = range(-(2**31), 2**31)  # a column of type integer
NUL = "\0"


def refusal(value: Any) -> str:
    """Why a column cannot hold `value`, or "": a text, an integer, a list of texts, an object."""
    if isinstance(value, dict):
        return _refusal_as_json(value)
    if isinstance(value, int) and value not in INT4:
        return "the integer is out of range"
    return "a text cannot hold NUL" if any(NUL in text for text in _texts(value)) else ""


def as_stored(document: dict[str, Any]) -> dict[str, Any]:
    """`document` as our own store can hold it: huge integers as floating-point numbers."""
    stored: dict[str, Any] = json.loads(json.dumps(document), parse_int=_number)
    return stored


def _refusal_as_json(document: dict[str, Any]) -> str:
    """PostgreSQL's JSON holds integers of any size, but no NaN, no NUL and no half characters."""
    try:
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:
        return str(error)
    return "JSON cannot hold NUL" if any(NUL in text for text in _texts(document)) else ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _number(digits: str) -> float:
    number = int(digits)
    return number if number.bit_length() < 64 else float(number)
